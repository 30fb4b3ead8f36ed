import type { NetworkProbe } from "./network.ts";

const patienceMs = 4_000;

/** Asks the server that this page came from. */
export const browserProbe: NetworkProbe = {
  ask: async () => {
    await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
  },
  fetchLarge: async () => {
    const address = new URL(ownScript(), location.href).href;
    const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
    const { byteLength } = await response.arrayBuffer();
    // What travels is compressed; what is read here is not.
    const timing = performance.getEntriesByName(address, "resource").at(-1);
    const sent = timing instanceof PerformanceResourceTiming ? timing.encodedBodySize : 0;
    return 8 * (sent || byteLength / 3);
  },
  canCall,
  now: () => performance.now(),
};

/** The largest thing that a page of ours is made of. */
function ownScript(): string {
  const script = document.querySelector<HTMLLinkElement>("link[rel=modulepreload]");
  return script?.href ?? "/";
}

/** Two ends on this device; nothing leaves it. */
async function canCall(): Promise<boolean> {
  const [one, two] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    one.onicecandidate = ({ candidate }) =>
      void two.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    two.onicecandidate = ({ candidate }) =>
      void one.addIceCandidate(candidate ?? undefined).catch(() => undefined);
    const channel = one.createDataChannel("check");
    const opened = new Promise<boolean>((resolve) => {
      channel.onopen = () => resolve(true);
      setTimeout(() => resolve(false), patienceMs);
    });
    await one.setLocalDescription();
    if (one.localDescription) await two.setRemoteDescription(one.localDescription);
    await two.setLocalDescription();
    if (two.localDescription) await one.setRemoteDescription(two.localDescription);
    return await opened;
  } finally {
    one.close();
    two.close();
  }
}
