import { createHash } from "node:crypto";
import { noTally, type Pace, slowOne, type Tally, tryOne } from "./guess-pace.ts";

/** Counts guesses by a key, each kind at its own pace. */
export interface GuessTallies {
  /** How long the guess has to wait (ms); 0: it was counted, and goes on. */
  try(key: string, pace: Pace): Promise<number>;
  /** Counts the guess, and says how much to slow it (ms). */
  slow(key: string, pace: Pace): Promise<number>;
  /** What was tried was right. */
  clear(key: string): Promise<void>;
  /** The last guess of this key was none. */
  giveBack(key: string): Promise<void>;
}

/** A tally that all processes share, by keys that say nothing of whom they are about. null: it cannot be asked now. */
export interface SharedTallies {
  count(key: string, how: "try" | "slow", now: number, pace: Pace): Promise<number | null>;
  clear(key: string): Promise<unknown>;
  giveBack(key: string): Promise<unknown>;
}

/** Kinds that are remembered here; the longest unused one goes first. */
const remembered = 50_000;

/**
 * Counts here, and where the processes share a tally also there: the longer wait counts. While that cannot be asked, each process
 * counts for itself.
 */
export function createGuessTallies(now: () => number, shared: SharedTallies | null): GuessTallies {
  const own = new Map<string, Tally>();
  const keep = (key: string, tally: Tally) => {
    own.delete(key);
    own.set(key, tally);
    if (own.size > remembered) own.delete(own.keys().next().value ?? key);
  };
  const count = async (name: string, how: "try" | "slow", pace: Pace): Promise<number> => {
    const key = keyOf(name);
    const time = now();
    const { tally, waitMs } = (how === "try" ? tryOne : slowOne)(own.get(key) ?? noTally, time, pace);
    keep(key, tally);
    if (waitMs > 0 && how === "try") return waitMs;
    return Math.max(waitMs, (await shared?.count(key, how, time, pace)) ?? 0);
  };
  return {
    try: (key, pace) => count(key, "try", pace),
    slow: (key, pace) => count(key, "slow", pace),
    clear: async (name) => {
      const key = keyOf(name);
      own.delete(key);
      await shared?.clear(key);
    },
    giveBack: async (name) => {
      const key = keyOf(name);
      const tally = own.get(key);
      if (tally && tally.count > 0) keep(key, { ...tally, count: tally.count - 1 });
      await shared?.giveBack(key);
    },
  };
}

function keyOf(name: string): string {
  return createHash("sha256").update(name).digest("base64url").slice(0, 22);
}
