import { estimateWaits, type PoolMember } from "./estimate.ts";
import type { QueueState, Tally } from "./state.ts";

/** How a queue does. Durations are in seconds; of the last 24 hours where nothing else is said. */
export interface QueueMetrics {
  readonly waitingNow: number;
  readonly longestWaitSeconds: number | null;
  readonly onDuty: number;
  /** Of the last visits (up to 50). */
  readonly service: {
    readonly visits: number;
    readonly medianSeconds: number | null;
    readonly p90Seconds: number | null;
  };
  readonly joined: number;
  readonly admitted: number;
  readonly abandoned: number;
  /** Abandoned of all that ended; null: none ended. */
  readonly abandonment: number | null;
  readonly averageWaitSeconds: number | null;
}

const dayMs = 24 * 3_600_000;

/** Reads the figures off the queue: takes time with its length, so only on request. */
export function measureQueue(state: QueueState, now: number): QueueMetrics {
  let oldest: number | null = null;
  for (const { waitingSince } of state.entries.values()) {
    if (oldest === null || waitingSince < oldest) oldest = waitingSince;
  }
  const day = state.tallies.filter(({ hour }) => hour > now - dayMs);
  const total = (count: (tally: Tally) => number) => day.reduce((sum, tally) => sum + count(tally), 0);
  const admitted = total((tally) => tally.admitted);
  const abandoned = total((tally) => tally.abandoned);
  const services = [...state.services].sort((a, b) => a - b);
  const service = (part: number): number | null => {
    const ms = services[Math.min(services.length - 1, Math.floor(services.length * part))];
    return ms === undefined ? null : Math.round(ms / 1_000);
  };
  return {
    waitingNow: state.entries.size,
    longestWaitSeconds: oldest === null ? null : Math.max(0, Math.round((now - oldest) / 1_000)),
    onDuty: poolOf(state).length,
    service: { visits: services.length, medianSeconds: service(0.5), p90Seconds: service(0.9) },
    joined: total((tally) => tally.joined),
    admitted,
    abandoned,
    abandonment: admitted + abandoned === 0 ? null : abandoned / (admitted + abandoned),
    averageWaitSeconds: admitted === 0 ? null : Math.round(total((tally) => tally.waited) / admitted / 1_000),
  };
}

/** The estimated wait by the number of people ahead (ms); null where nobody sees patients now. */
export function waitsOf(state: QueueState, now: number): (ahead: number) => number | null {
  if (state.opening === "suspended") return () => null;
  return estimateWaits({
    now,
    recentServiceMs: state.services,
    expectedServiceMs: state.settings.expectedMinutes * 60_000,
    onDuty: poolOf(state),
  });
}

/** The clinicians who see patients now. */
function poolOf({ duty }: QueueState): PoolMember[] {
  return Object.values(duty)
    .filter(({ clinician, status }) => clinician && status !== "away")
    .map(({ status, since }) => ({ busySince: status === "in_visit" ? since : null }));
}
