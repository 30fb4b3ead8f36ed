import type { Clock } from "./clock.ts";

const first = 150;
const longest = 5_000;

/**
 * How long to wait before try number `attempt` (from 0), in ms: between a third and the whole of a bound that is
 * 150 for the first two tries, since a room whose process died is up elsewhere in a moment, and then doubles up to
 * 5,000. The spread keeps a thousand clients from coming back at the same moment.
 */
export function backoff(clock: Clock, attempt: number): number {
  const bound = Math.min(longest, first * 2 ** Math.max(0, attempt - 1));
  return (bound * (1 + 2 * clock.random())) / 3;
}

/** A pause the server asked for, and up to half as much again. */
export function asked(clock: Clock, retryAfterMs: number): number {
  return retryAfterMs * (1 + clock.random() / 2);
}

/** Before the next try: what the server asked for, or else the back-off. */
export function pauseBefore(
  clock: Clock,
  attempt: number,
  { retryAfterMs }: { readonly retryAfterMs?: number | undefined },
): number {
  return retryAfterMs === undefined ? backoff(clock, attempt) : asked(clock, retryAfterMs);
}
