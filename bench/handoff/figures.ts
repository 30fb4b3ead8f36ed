import { type Spread, spread } from "../statistics.ts";
import { type Drain, rounded, type Times } from "./drain.ts";

/** Medians over the drains; what must not be is summed up. Milliseconds. */
export interface Figures {
  /** Messages that were acknowledged and are not with everyone, or are missing in the journal. */
  readonly lost: number;
  readonly unanswered: number;
  readonly faults: number;
  /** Connections that ended otherwise than by the client's following its room. */
  readonly abnormalCloses: number;
  readonly totalMs: number;
  readonly gapMs: Times;
  readonly drainGapMs: Times;
  readonly followMs: Times;
  readonly latencyRatio: number;
  readonly spreads: Readonly<Record<string, Spread | null>>;
}

export function figuresOf(drains: readonly Drain[]): Figures {
  const middle = (value: (drain: Drain) => number) =>
    rounded(spread(drains.map(value))?.median ?? Number.NaN);
  const times = (value: (drain: Drain) => Times): Times => ({
    p50: middle((drain) => value(drain).p50),
    p99: middle((drain) => value(drain).p99),
    max: middle((drain) => value(drain).max),
  });
  const sum = (value: (drain: Drain) => number) => drains.reduce((total, drain) => total + value(drain), 0);
  return {
    lost: sum(({ losses, astray }) => losses.lost + astray),
    unanswered: sum(({ losses }) => losses.unanswered),
    faults: sum(({ faults }) => faults.count),
    abnormalCloses: sum(({ lost }) => lost),
    totalMs: middle(({ totalMs }) => totalMs),
    gapMs: times(({ gapMs }) => gapMs),
    drainGapMs: times(({ drainGapMs }) => drainGapMs),
    followMs: times(({ followMs }) => followMs),
    latencyRatio: middle(({ latencyRatio }) => latencyRatio),
    spreads: {
      totalMs: spread(drains.map(({ totalMs }) => totalMs)),
      gapP99Ms: spread(drains.map(({ gapMs }) => gapMs.p99)),
      latencyRatio: spread(drains.map(({ latencyRatio }) => latencyRatio)),
    },
  };
}
