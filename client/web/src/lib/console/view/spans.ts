/** A span of time in whole hours and minutes, never negative. */
export interface Span {
  readonly hours: number;
  readonly minutes: number;
}

export function spanOf(ms: number): Span {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}

/** What is left, as m:ss, rounded up so that 0:00 is the end. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * How far the server's clock is ahead of this device's (ms), learnt from answers: the server wrote `at` between
 * `sent` and `received`. Within that uncertainty the earlier estimate stays.
 */
export function clockOffset(offset: number, at: number, sent: number, received: number): number {
  const low = at - received;
  const high = at - sent;
  return low > high ? offset : Math.min(Math.max(offset, low), high);
}
