import { type CallState, graceMs } from "./state.ts";

/** Those who have not come back in time, with when that was so, soonest first. */
export function lossDues({ people }: CallState): readonly { readonly person: string; readonly at: number }[] {
  return Object.entries(people)
    .flatMap(([person, { lostAt }]) => (lostAt === null ? [] : [{ person, at: lostAt + graceMs }]))
    .sort((a, b) => a.at - b.at);
}

/** When the call next does something by itself. */
export function callDueAt(call: CallState): number | null {
  const [loss] = lossDues(call);
  if (!loss || call.retryAt === null) return loss?.at ?? call.retryAt;
  return Math.min(loss.at, call.retryAt);
}
