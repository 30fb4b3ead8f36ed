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

/** Whether the picture is left out for the voice's sake, and what speaks for a change. */
export interface Saving {
  readonly on: boolean;
  /** How many measurements in a row spoke for a change. */
  readonly streak: number;
  /** How many it takes to send the picture again: more each time, so that it does not come and go. */
  readonly patience: number;
}

export const noSaving: Saving = { on: false, streak: 0, patience: 8 };
const tooMuch = 4;
const longestPatience = 60;

/** The next step of saving, after one more measurement of the worst link. */
export function save(before: Saving, quality: LinkQuality): Saving {
  if (quality === "lost") return { ...before, streak: 0 };
  const speaks = before.on ? quality === "good" : quality === "poor";
  const streak = speaks ? before.streak + 1 : 0;
  if (!before.on && streak >= tooMuch) return { ...before, on: true, streak: 0 };
  if (before.on && streak >= before.patience)
    return { on: false, streak: 0, patience: Math.min(longestPatience, before.patience * 2) };
  return { ...before, streak };
}

const order: readonly LinkQuality[] = ["good", "fair", "poor", "lost"];

/** The worst of them; null: there is none. */
export function worst(qualities: readonly LinkQuality[]): LinkQuality | null {
  return qualities.reduce<LinkQuality | null>(
    (found, one) => (found !== null && order.indexOf(found) >= order.indexOf(one) ? found : one),
    null,
  );
}
