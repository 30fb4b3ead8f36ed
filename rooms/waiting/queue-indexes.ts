import type { Recorded } from "../../core/domain/feature.ts";
import { isQueueEvent } from "../../core/domain/queue/events.ts";
import { isStaff, type QueueState } from "../../core/domain/queue/state.ts";
import type { Indexes } from "../actor/room-kind.ts";

/** Who has to do with the queue, and how it stands in the index of rooms, where these events change it. */
export function queueIndexes(events: readonly Recorded[], state: QueueState): Indexes {
  const people = new Set<string>();
  let listed = false;
  for (const { event } of events) {
    if (!isQueueEvent(event)) continue;
    if (event.type === "queue.created") for (const { person } of event.staff) people.add(person);
    if (event.type === "queue.staffChanged") people.add(event.person);
    if (event.type === "queue.joined" || event.type === "queue.arrived" || event.type === "queue.left") {
      people.add(event.patient);
    }
    listed ||= opensOrCloses.includes(event.type);
  }
  const roleOf = (person: string): string | null => {
    if (isStaff(state, person)) return "staff";
    return state.places.has(person) ? "patient" : null;
  };
  return {
    members: [...people].map((person) => ({ person, role: roleOf(person) })),
    cursors: [],
    listing: listed ? { at: 0, owner: null, subject: null, status: state.opening } : null,
  };
}

const opensOrCloses = ["queue.created", "queue.opened", "queue.closed", "queue.suspended"];
