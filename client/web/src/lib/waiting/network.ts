export type NetworkVerdict = "good" | "fair" | "poor" | "none";
/** What stands in the way of a good call, and can be changed by the person. */
export type NetworkTrouble = "offline" | "noCalls" | "slow" | "unsteady" | "narrow";

/** What was measured on the way to the clinic and back. */
export interface NetworkSample {
  /** Of each question that was answered (ms). */
  readonly roundTrips: readonly number[];
  /** How many were not. */
  readonly lost: number;
  /** How much arrives, in bits a second; null: it could not be measured. */
  readonly bandwidth: number | null;
  /** Whether this browser can carry a call at all. */
  readonly calls: boolean;
}

const fair = { roundTripMs: 250, spreadMs: 120, lost: 0.05, bandwidth: 1_500_000 };
const poor = { roundTripMs: 600, spreadMs: 400, lost: 0.25, bandwidth: 400_000 };

export interface NetworkFinding {
  readonly verdict: NetworkVerdict;
  readonly troubles: readonly NetworkTrouble[];
  /** What is usual (ms); null: nothing was answered. */
  readonly roundTripMs: number | null;
  readonly bandwidth: number | null;
}

/** An honest word about what to expect of a call. The worst of all decides. */
export function judge({ roundTrips, lost, bandwidth, calls }: NetworkSample): NetworkFinding {
  const sorted = roundTrips.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined)
    return { verdict: "none", troubles: ["offline"], roundTripMs: null, bandwidth: null };
  const usual = { roundTripMs: middle, bandwidth };
  if (!calls) return { verdict: "none", troubles: ["noCalls"], ...usual };
  const late = sorted[Math.ceil(sorted.length * 0.9) - 1] ?? middle;
  const beyond = (limit: typeof fair): NetworkTrouble[] => [
    ...(middle > limit.roundTripMs ? (["slow"] as const) : []),
    ...(late - middle > limit.spreadMs || lost / (lost + sorted.length) > limit.lost
      ? (["unsteady"] as const)
      : []),
    ...(bandwidth !== null && bandwidth < limit.bandwidth ? (["narrow"] as const) : []),
  ];
  const troubles = beyond(fair);
  const verdict = beyond(poor).length > 0 ? "poor" : troubles.length > 0 ? "fair" : "good";
  return { verdict, troubles, ...usual };
}

/** How a browser is asked. */
export interface NetworkProbe {
  /** A small question and its answer; rejects where there is none in time. */
  ask(): Promise<void>;
  /** Fetches something large; resolves with how many bits it had. */
  fetchLarge(): Promise<number>;
  /** Whether a call between two ends on this very device comes about. */
  canCall(): Promise<boolean>;
  now(): number;
}

const questions = 12;
const largeFor = 1_500;

/** Measures for a few seconds; `progress` goes from 0 to 1. */
export async function measureNetwork(
  probe: NetworkProbe,
  progress: (done: number) => void,
): Promise<NetworkSample> {
  const roundTrips: number[] = [];
  let lost = 0;
  for (let i = 0; i <= questions; i += 1) {
    const start = probe.now();
    const answered = await probe.ask().then(
      () => true,
      () => false,
    );
    // The first one also opens the connection.
    if (i > 0 && answered) roundTrips.push(probe.now() - start);
    else if (i > 0) lost += 1;
    progress((i / questions) * 0.6);
    if (lost >= 3 && roundTrips.length === 0) break;
  }
  const bandwidth = roundTrips.length === 0 ? null : await measureBandwidth(probe);
  progress(0.9);
  const calls = await probe.canCall().catch(() => false);
  progress(1);
  return { roundTrips, lost, bandwidth, calls };
}

async function measureBandwidth(probe: NetworkProbe): Promise<number | null> {
  const start = probe.now();
  let bits = 0;
  try {
    while (probe.now() - start < largeFor) bits += await probe.fetchLarge();
  } catch {
    // What arrived until now counts.
  }
  const seconds = (probe.now() - start) / 1_000;
  return bits === 0 || seconds === 0 ? null : bits / seconds;
}
