import type { LinkQuality } from "./types.ts";

/** What was measured of a link since the time before. */
export interface LinkSample {
  /** How much of what was sent did not arrive, from 0 to 1, the worse of both directions; null: nothing was sent. */
  readonly loss: number | null;
  /** There and back. */
  readonly roundTripMs: number | null;
  /** What can be sent, in bits a second, as the browser guesses. */
  readonly bandwidth: number | null;
  readonly connected: boolean;
}

/** From these on, talking is tiring, */
const fair = { loss: 0.03, roundTripMs: 300, bandwidth: 350_000 };
/** and from these on hardly possible with a picture. */
const poor = { loss: 0.1, roundTripMs: 700, bandwidth: 120_000 };

export function qualityOf(sample: LinkSample): LinkQuality {
  if (!sample.connected) return "lost";
  if (beyond(sample, poor)) return "poor";
  return beyond(sample, fair) ? "fair" : "good";
}

function beyond({ loss, roundTripMs, bandwidth }: LinkSample, limit: typeof fair): boolean {
  return (
    (loss ?? 0) >= limit.loss ||
    (roundTripMs ?? 0) >= limit.roundTripMs ||
    (bandwidth ?? Number.POSITIVE_INFINITY) < limit.bandwidth
  );
}

/** How much is left out for the voices' sake, and what speaks for a change. */
export interface Saving {
  /** 0: nothing; 1: my picture; 2: the others' as well. */
  readonly level: number;
  /** How many measurements in a row were poor; below 0: how many were good. */
  readonly streak: number;
  /** How many good ones it takes to go back by a level: more each time, so that pictures do not come and go. */
  readonly patience: number;
}

export const noSaving: Saving = { level: 0, streak: 0, patience: 8 };
const tooMuch = 4;
const longestPatience = 60;

/** The next step of saving, after one more measurement of the worst link. `most`: how much can be left out. */
export function save(before: Saving, quality: LinkQuality, most: number): Saving {
  const { level, patience } = before;
  const streak = streakAfter(before.streak, quality);
  if (level < most && streak >= tooMuch) return { level: level + 1, streak: 0, patience };
  if (level > 0 && -streak >= patience)
    return { level: level - 1, streak: 0, patience: Math.min(longestPatience, patience * 2) };
  return { ...before, streak };
}

function streakAfter(streak: number, quality: LinkQuality): number {
  if (quality === "poor") return Math.max(0, streak) + 1;
  return quality === "good" ? Math.min(0, streak) - 1 : 0;
}

const order: readonly LinkQuality[] = ["good", "fair", "poor", "lost"];

/** The worst of them; null: there is none. */
export function worst(qualities: readonly LinkQuality[]): LinkQuality | null {
  return qualities.reduce<LinkQuality | null>(
    (found, one) => (found !== null && order.indexOf(found) >= order.indexOf(one) ? found : one),
    null,
  );
}

/** The best of them; null: there is none. */
export function best(qualities: readonly LinkQuality[]): LinkQuality | null {
  return order.find((quality) => qualities.includes(quality)) ?? null;
}
