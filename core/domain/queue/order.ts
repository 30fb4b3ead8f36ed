import { rankAt, rankBetween } from "../lib/rank.ts";
import { type Entry, type Priority, priorities, type QueueState, type Reorder } from "./state.ts";

/** The rank of whoever joins at the end. */
export function rankAtEnd(state: QueueState): string {
  const last = state.order.last()?.[0] ?? null;
  const next = rankAt(state.joins + 1);
  return last === null || last < next ? next : rankBetween(last, null);
}

/** A rank directly before that entry; null: at the end. `mover` itself is looked past. */
export function rankBefore(state: QueueState, before: Entry | null, mover: string): string {
  if (!before) {
    const last = state.order.last();
    // Below whoever joins next.
    if (!last) return rankBetween(null, rankAt(state.joins + 1));
    if (last[1] === mover) return last[0];
    return rankBetween(last[0], null);
  }
  let previous = state.order.before(before.rank);
  if (previous?.[1] === mover) previous = state.order.before(previous[0]);
  return rankBetween(previous?.[0] ?? null, before.rank);
}

/**
 * The rank that an urgency and a waiting time deserve: before the first who is less urgent, or as urgent
 * and has waited less. What staff moved by hand stays where they put it.
 */
export function rankFor(
  state: QueueState,
  {
    id,
    priority,
    waitingSince,
  }: { readonly id: string; readonly priority: Priority; readonly waitingSince: number },
): string {
  const urgency = priorities.indexOf(priority);
  for (const other of state.order.values()) {
    const entry = state.entries.get(other);
    if (!entry || entry.id === id) continue;
    const theirs = priorities.indexOf(entry.priority);
    if (theirs > urgency || (theirs === urgency && entry.waitingSince > waitingSince)) {
      return rankBefore(state, entry, id);
    }
  }
  return rankBefore(state, null, id);
}

/**
 * The last thing that put this entry further back: others set ahead of it, or itself moved back. Every
 * growth of a shown place has one.
 */
export function setBackBy(state: QueueState, entry: Entry): Reorder | undefined {
  return state.reorders.findLast(({ entry: moved, from, to, at }) => {
    if (at < entry.joinedAt) return false;
    if (moved === entry.id) return from !== null && to > from;
    return to < entry.rank && (from === null || from > entry.rank);
  });
}
