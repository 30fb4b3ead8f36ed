/** How guesses of one kind are paced: `free` at once, then a wait that doubles with each. */
export interface Pace {
  readonly free: number;
  readonly firstMs: number;
  readonly longestMs: number;
  /** After so long without one they are forgotten. */
  readonly forgetMs: number;
}

/** What is remembered of one kind: how many there were, and when the last was (ms since the epoch). */
export interface Tally {
  readonly count: number;
  readonly at: number;
}

export const noTally: Tally = { count: 0, at: 0 };

/** The wait that so many guesses bring (ms). */
export function waitAfter(count: number, { free, firstMs, longestMs }: Pace): number {
  return count < free ? 0 : Math.min(longestMs, firstMs * 2 ** Math.min(count - free, 40));
}

/** The tally as it is by now. */
function current(tally: Tally, now: number, { forgetMs }: Pace): Tally {
  return now - tally.at >= forgetMs ? noTally : tally;
}

/** One more, if its time has come: `waitMs` 0; else how long it has to wait, and nothing is counted. */
export function tryOne(
  before: Tally,
  now: number,
  pace: Pace,
): { readonly tally: Tally; readonly waitMs: number } {
  const tally = current(before, now, pace);
  const pause = waitAfter(tally.count, pace);
  const waitMs = pause === 0 ? 0 : Math.max(0, tally.at + pause - now);
  return { tally: waitMs > 0 ? tally : { count: tally.count + 1, at: now }, waitMs };
}

/** One more in any case, and how much it is to be slowed. */
export function slowOne(
  before: Tally,
  now: number,
  pace: Pace,
): { readonly tally: Tally; readonly waitMs: number } {
  const tally = current(before, now, pace);
  return { tally: { count: tally.count + 1, at: now }, waitMs: waitAfter(tally.count, pace) };
}
