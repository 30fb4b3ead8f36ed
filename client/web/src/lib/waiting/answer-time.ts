import type { CalledMessage } from "../../../../../core/protocol/queue.ts";

/**
 * By how much this device's clock is ahead of the server's (ms), as far as a call tells. One that was heard as it
 * was made came just now; of another only this is sure, that it was not made in the future.
 */
export function skewOf({ at }: CalledMessage, now: number, heardLive: boolean): number {
  return heardLive ? now - at : Math.min(0, now - at);
}

/** Whole seconds left to answer a call. */
export function secondsLeft({ at, answerBy }: CalledMessage, now: number, skew: number): number {
  const left = Math.min(answerBy - (now - skew), answerBy - at);
  return Math.max(0, Math.ceil(left / 1_000));
}
