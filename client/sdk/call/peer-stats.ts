import type { LinkSample } from "./quality.ts";

/** What we read of a browser's report, by the names that it has there. */
interface Stat {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly bytesSent?: number;
  readonly fractionLost?: number;
  readonly selectedCandidatePairId?: string;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
}

/** A browser's report, added up. */
export interface Counters {
  readonly received: number;
  readonly lost: number;
  /** Of what we send, the worst of all, lately. */
  readonly lostThere: number | null;
  readonly videoBytesSent: number;
  readonly roundTripMs: number | null;
  readonly bandwidth: number | null;
}

export const noCounters: Counters = {
  received: 0,
  lost: 0,
  lostThere: null,
  videoBytesSent: 0,
  roundTripMs: null,
  bandwidth: null,
};

export function countersOf(report: Pick<RTCStatsReport, "forEach">): Counters {
  const stats = new Map<string, Stat>();
  report.forEach((stat: Stat) => {
    stats.set(stat.id, stat);
  });
  const all = [...stats.values()];
  const of = (type: string) => all.filter((stat) => stat.type === type);
  const sum = (numbers: readonly (number | undefined)[]) =>
    numbers.reduce<number>((total, n) => total + (n ?? 0), 0);
  const chosen = of("transport").flatMap(({ selectedCandidatePairId: id }) => stats.get(id ?? "") ?? []);
  const pair = chosen[0];
  const lostThere = of("remote-inbound-rtp").flatMap(({ fractionLost }) => fractionLost ?? []);
  return {
    received: sum(of("inbound-rtp").map(({ packetsReceived }) => packetsReceived)),
    lost: sum(of("inbound-rtp").map(({ packetsLost }) => packetsLost)),
    lostThere: lostThere.length === 0 ? null : Math.max(...lostThere),
    videoBytesSent: sum(of("outbound-rtp").map(({ kind, bytesSent }) => (kind === "video" ? bytesSent : 0))),
    roundTripMs: pair?.currentRoundTripTime === undefined ? null : pair.currentRoundTripTime * 1_000,
    bandwidth: pair?.availableOutgoingBitrate ?? null,
  };
}

/** What happened between two reports. */
export function sampleOf(before: Counters | null, now: Counters, connected: boolean): LinkSample {
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const lostHere = received + lost > 0 ? lost / (received + lost) : null;
  const sendsVideo = now.videoBytesSent > (before?.videoBytesSent ?? 0);
  const losses = [lostHere, now.lostThere].flatMap((loss) => loss ?? []);
  return {
    loss: losses.length === 0 ? null : Math.max(...losses),
    roundTripMs: now.roundTripMs,
    // Nobody looks for bandwidth that nothing needs: what is guessed then is too little.
    bandwidth: sendsVideo ? now.bandwidth : null,
    connected,
  };
}
