import type { Recorded } from "../../feature.ts";
import type { ConsultationState } from "../../kinds.ts";
import { isVisitEvent } from "../../visit/events.ts";
import { isInside } from "../../visit/state.ts";
import { isQueueEvent } from "../events.ts";
import { setBackBy } from "../order.ts";
import { aheadOf, type QueueState } from "../state.ts";
import type { Watch } from "./simulated-room.ts";

/** What a visit may still record once it has ended. */
const afterwards = [
  "declined",
  "surveyed",
  "noted",
  "revoked",
  "removed",
  "reported",
  "entered",
  "exited",
  "woke",
];

/** Looks at every event of every room, and writes down what must never happen. */
export class Watcher {
  readonly faults: string[] = [];
  /** Transfers that are in their target, those that came back, and those that left their source for good. */
  readonly arrived = new Set<string>();
  readonly returned = new Set<string>();
  readonly gone = new Set<string>();
  /** Transfer → where to. */
  readonly sent = new Map<string, string>();
  /** The kinds of events that there were. */
  readonly kinds = new Set<string>();
  /** "queue visit" → how often the queue recorded that the visit is over. */
  readonly served = new Map<string, number>();

  queue(id: string): Watch<QueueState> {
    return (before, recorded, after) => {
      const { event, seq } = recorded;
      if (!isQueueEvent(event)) return;
      this.kinds.add("how" in event ? `${event.type} ${event.how}` : event.type);
      const fault = (what: string) => this.faults.push(`${id} ${seq} ${event.type}: ${what}`);
      this.#growth(before, recorded, after, fault);
      this.#unique(after, fault);
      switch (event.type) {
        case "queue.leaving":
          this.sent.set(event.transfer, `${event.to.kind} ${event.to.id}`);
          break;
        case "queue.arrived":
          this.#arrive(event.transfer, fault);
          break;
        case "queue.returned": {
          const { transfer = "" } = before.entries.get(event.entry)?.leaving ?? {};
          if (this.arrived.has(transfer)) fault("in both");
          if (after.entries.get(event.entry)?.rank !== before.entries.get(event.entry)?.rank) fault("moved");
          this.returned.add(transfer);
          break;
        }
        case "queue.left": {
          const { leaving } = before.entries.get(event.entry) ?? { leaving: null };
          const moved = event.how === "transferred" || event.how === "admitted";
          if (moved !== (leaving !== null)) fault("left on the way");
          if (leaving && !this.arrived.has(leaving.transfer)) fault("in neither");
          if (leaving) this.gone.add(leaving.transfer);
          break;
        }
        case "queue.used":
          if (before.admitted[event.patient]?.visit !== event.visit) fault("used without effect");
          break;
        case "queue.served":
          this.served.set(`${id} ${event.visit}`, (this.served.get(`${id} ${event.visit}`) ?? 0) + 1);
          break;
      }
    };
  }

  visit(id: string): Watch<ConsultationState> {
    return ({ visit: before }, recorded, { visit: after }) => {
      const { event, seq } = recorded;
      if (!isVisitEvent(event)) return;
      this.kinds.add(event.type);
      const fault = (what: string) => this.faults.push(`visit ${id} ${seq} ${event.type}: ${what}`);
      if (event.type === "visit.arrived") this.#arrive(event.origin.transfer, fault);
      if (before.phase === "ended" && !afterwards.includes(event.type.replace("visit.", "")))
        fault("after the end");
      for (const person of Object.keys(after.participants)) {
        if (isInside(after, person) && !isInside(before, person) && !letsIn(recorded, person))
          fault("not let in");
      }
    };
  }

  #arrive(transfer: string, fault: (what: string) => void): void {
    if (this.arrived.has(transfer)) fault("arrived twice");
    if (this.returned.has(transfer)) fault("in both");
    if (this.gone.has(transfer)) fault("after it was settled");
    this.arrived.add(transfer);
  }

  /** A shown place grows only by a reorder that is recorded with this very event. */
  #growth(before: QueueState, { seq }: Recorded, after: QueueState, fault: (what: string) => void): void {
    for (const entry of after.entries.values()) {
      const was = before.entries.get(entry.id);
      if (!was || aheadOf(after, entry) <= aheadOf(before, was)) continue;
      const reorder = setBackBy(after, entry);
      if (reorder?.seq !== seq) fault(`${entry.id} was set back, and not told why`);
    }
  }

  #unique({ entries, order, places }: QueueState, fault: (what: string) => void): void {
    const patients = new Set([...entries.values()].map(({ patient }) => patient));
    if (patients.size !== entries.size) fault("two places of one patient");
    if (order.size !== entries.size || places.size !== entries.size) fault("two places of one rank");
  }
}

/** Whether the event says of this person that they are let in. */
function letsIn({ event }: Recorded, person: string): boolean {
  if (!isVisitEvent(event)) return false;
  if (event.type === "visit.created")
    return [event.patient, event.clinician].some((one) => one?.person === person);
  if (event.type === "visit.transferred") return event.to.person === person;
  return event.type === "visit.admitted" && event.person === person;
}
