import type { QueueState } from "./state.ts";
import { loadQueue, storeQueue } from "./stored.ts";

/** The queue as it is without a person who was erased: neither their place nor what is remembered of them. */
export function withoutPerson(state: QueueState, person: string): QueueState {
  const { entries, admitted, departed, staff, duty, ...rest } = storeQueue(state);
  const others = <T>(by: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(by).filter(([id]) => id !== person));
  return loadQueue({
    ...rest,
    entries: entries.filter(({ patient }) => patient !== person),
    admitted: others(admitted),
    departed: departed
      .filter(({ patient }) => patient !== person)
      .map((one) => (one.by?.person === person ? { ...one, by: null } : one)),
    staff: others(staff),
    duty: others(duty),
  });
}
