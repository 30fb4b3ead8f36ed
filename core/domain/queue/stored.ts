import { emptyMap, mapOf } from "../lib/ordered-map.ts";
import { allDeadlines, queueDeadlineKeys } from "./deadlines.ts";
import type { Entry, QueueState } from "./state.ts";

/** A queue's state as plain data: what is derived from the entries is left out. */
export type StoredQueue = Omit<QueueState, "entries" | "order" | "places" | "deadlines" | "leaving"> & {
  readonly entries: readonly Entry[];
};

export function storeQueue(state: QueueState): StoredQueue {
  const {
    order: _order,
    places: _places,
    deadlines: _deadlines,
    leaving: _leaving,
    entries,
    ...rest
  } = state;
  return { ...rest, entries: [...entries.values()] };
}

export function loadQueue({ entries, ...rest }: StoredQueue): QueueState {
  const leaving = entries.flatMap(({ id, leaving }) => (leaving ? [[id, leaving] as const] : []));
  const state: QueueState = {
    ...rest,
    entries: mapOf(entries.map((entry) => [entry.id, entry])),
    order: mapOf(entries.map(({ id, rank }) => [rank, id])),
    places: mapOf(entries.map(({ id, patient }) => [patient, id])),
    deadlines: emptyMap(),
    leaving: mapOf(leaving),
  };
  return { ...state, deadlines: mapOf([...allDeadlines(state), ...queueDeadlineKeys(state)]) };
}
