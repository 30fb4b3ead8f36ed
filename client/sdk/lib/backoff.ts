import type { Clock } from "./clock.ts";

const first = 200;
const longest = 10_000;

/**
 * How long to wait before try number `attempt` (from 0): anything between nothing and a bound that doubles
 * from 200 ms to 10 s. The full spread keeps a thousand clients from coming back at the same moment.
 */
export function backoff(clock: Clock, attempt: number): number {
  return clock.random() * Math.min(longest, first * 2 ** attempt);
}

/** A pause the server asked for, and up to half as much again. */
export function asked(clock: Clock, retryAfterMs: number): number {
  return retryAfterMs * (1 + clock.random() / 2);
}
