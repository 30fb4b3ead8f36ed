import type { BrowserContext, Page } from "playwright-core";
import type { Clinic, View } from "./clinic.ts";
import { eventually, visible } from "./expect.ts";
import { personAt } from "./waiting-rooms.ts";

declare global {
  interface Window {
    /** Every connection that the page has made, kept by `watchPeers`. */
    peers: RTCPeerConnection[];
  }
}

export interface Caller {
  readonly context: BrowserContext;
  readonly page: Page;
}

export interface CallerView extends View {
  /** All that they send goes through a TURN server. */
  readonly relayOnly?: boolean;
}

/** What has arrived by now over the connections of a page that are open. */
export interface Received {
  readonly connections: number;
  readonly frames: number;
  readonly audio: number;
  readonly energy: number;
}

/** Somebody with a camera and a microphone that the page may use, in front of a visit. */
export async function callerAt(
  clinic: Clinic,
  person: string,
  visit: string,
  { relayOnly = false, ...view }: CallerView = {},
): Promise<Caller> {
  const prepare = async (context: BrowserContext) => {
    await context.grantPermissions(["camera", "microphone"]);
    await context.addInitScript(watchPeers, relayOnly);
    await context.addInitScript(takeSmallPictures);
  };
  return personAt(clinic, person, `/visits/${visit}`, { ...view, prepare });
}

/** Keeps every connection that the page makes; with `relayOnly` all that it sends goes through a TURN server. */
function watchPeers(relayOnly: boolean): void {
  const Browsers = RTCPeerConnection;
  window.peers = [];
  window.RTCPeerConnection = class extends Browsers {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, ...(relayOnly && { iceTransportPolicy: "relay" }) });
      window.peers.push(this);
    }
  };
}

/** The processor codes and paints everybody's pictures here. */
function takeSmallPictures(): void {
  const take = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = ({ video, ...rest } = {}) => {
    if (typeof video !== "object") return take({ ...rest, ...(video !== undefined && { video }) });
    return take({ ...rest, video: { ...video, width: 320, height: 240 } });
  };
}

export function received(page: Page): Promise<Received> {
  return page.evaluate(async () => {
    const open = window.peers.filter(({ signalingState }) => signalingState !== "closed");
    const reports = await Promise.all(open.map((peer) => peer.getStats()));
    const sums = { connections: open.length, frames: 0, audio: 0, energy: 0 };
    for (const report of reports) {
      for (const stat of report.values()) {
        if (stat.type !== "inbound-rtp") continue;
        if (stat.kind === "video") sums.frames += stat.framesDecoded ?? 0;
        else {
          sums.audio += stat.packetsReceived ?? 0;
          sums.energy += stat.totalAudioEnergy ?? 0;
        }
      }
    }
    return sums;
  });
}

/** Picture and voice of the other arrive, from now on. */
export async function seesAndHears({ page }: Caller): Promise<void> {
  await visible(page.locator("[data-person][data-kind=person] video"));
  const before = await received(page);
  await eventually(async () => {
    const now = await received(page);
    return (
      now.connections === 1 &&
      now.frames > before.frames + 5 &&
      now.audio > before.audio + 10 &&
      now.energy > before.energy
    );
  }).toBe(true);
}

/** Presses Join, and resolves with how long it took until the other's first frame was painted (ms). */
export function firstFrameAfterJoining({ page }: Caller, label: string): Promise<number> {
  return page.evaluate(async (name) => {
    const button = [...document.querySelectorAll("button")].find(
      ({ textContent }) => textContent?.trim() === name,
    );
    if (!button) throw new Error(`There is no button "${name}".`);
    const start = performance.now();
    button.click();
    for (;;) {
      const video = document.querySelector<HTMLVideoElement>("[data-person][data-kind=person] video");
      if (video) {
        await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
        return performance.now() - start;
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, label);
}
