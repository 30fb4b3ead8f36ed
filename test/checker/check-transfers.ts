import type { Recorded } from "../../core/domain/feature.ts";
import { waitingBehaviour } from "../../core/domain/kinds.ts";
import { isQueueEvent, type QueueEvent } from "../../core/domain/queue/events.ts";
import { type Entry, initialQueue, type QueueState } from "../../core/domain/queue/state.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import { isVisitEvent, type VisitEvent } from "../../core/domain/visit/events.ts";

/** An event of one of many rooms. */
export interface Step {
  readonly room: RoomRef;
  readonly recorded: Recorded;
}

/**
 * What queues and visits say of their patients, event by event in the order of their commits: whoever has
 * joined is in exactly one room at every moment, until a queue or a person ends it. `arrived` is where a
 * transfer or an admission passes from one room to the other. Every sentence is a broken promise.
 */
export function brokenTransfers(steps: readonly Step[]): string[] {
  const faults = transferFaults(steps).map(
    ({ step: { room, recorded }, fault }) =>
      `${roomKey(room)} ${recorded.seq} ${recorded.event.type}: ${fault}`,
  );
  return [...faults, ...brokenTimes(steps)];
}

/** The same of the patients' whereabouts alone, each with the event that shows it. */
export function transferFaults(
  steps: readonly Step[],
): readonly { readonly step: Step; readonly fault: string }[] {
  const whereabouts = new Whereabouts();
  return steps.flatMap((step) => whereabouts.take(step).map((fault) => ({ step, fault })));
}

/** Within a room, seq has no gap and time never goes back. */
export function brokenTimes(steps: readonly Step[]): string[] {
  const last = new Map<string, { readonly seq: number; readonly at: number }>();
  return steps.flatMap(({ room, recorded: { seq, at, event } }) => {
    const before = last.get(roomKey(room)) ?? { seq: 0, at: 0 };
    last.set(roomKey(room), { seq, at });
    const where = `${roomKey(room)} ${seq} ${event.type}`;
    return [
      ...(seq === before.seq + 1 ? [] : [`${where}: comes after seq ${before.seq}`]),
      ...(at >= before.at ? [] : [`${where}: is ${before.at - at} ms before the event before it`]),
    ];
  });
}

class Whereabouts {
  readonly #queues = new Map<string, QueueState>();
  /** Entry → the visits that it was admitted to. */
  readonly #visits = new Map<string, Set<string>>();
  readonly #departed = new Set<string>();
  readonly #arrived = new Set<string>();
  readonly #declined = new Set<string>();
  /** Transfer → the entry as it was when it set out. */
  readonly #setOut = new Map<string, Entry>();

  take({ room, recorded }: Step): string[] {
    const { event } = recorded;
    if (isQueueEvent(event)) return this.#inQueue(room, { ...recorded, event });
    return isVisitEvent(event) ? this.#inVisit(room, event) : [];
  }

  #inQueue(room: RoomRef, recorded: Recorded<QueueEvent>): string[] {
    const key = roomKey(room);
    const { event } = recorded;
    const before = this.#queues.get(key) ?? initialQueue;
    const after = waitingBehaviour.evolve(before, recorded);
    this.#queues.set(key, after);
    if (event.type === "queue.declined") return this.#declines(event.transfer);
    if (!("entry" in event) || event.entry === null) return [];
    const was = before.entries.get(event.entry);
    const is = after.entries.get(event.entry);
    const faults: string[] = [];
    if (event.type === "queue.leaving" && was) this.#setOut.set(event.transfer, was);
    if (event.type === "queue.arrived") faults.push(...this.#arrives(event.transfer, is, alsoElsewhere));
    if (event.type === "queue.returned") {
      faults.push(...changed(this.#setOut.get(was?.leaving?.transfer ?? ""), is, alsoHere));
    }
    if (event.type === "queue.left" && event.how !== "transferred" && event.how !== "admitted") {
      this.#departed.add(event.entry);
    }
    return [...faults, ...this.#oneHome(event.entry)];
  }

  #inVisit(room: RoomRef, event: VisitEvent): string[] {
    if (event.type === "visit.declined") return this.#declines(event.transfer);
    if (event.type !== "visit.arrived") return [];
    const { entry, transfer } = event.origin;
    const visits = this.#visits.get(entry) ?? new Set();
    this.#visits.set(entry, visits.add(roomKey(room)));
    return [...this.#arrives(transfer, undefined, []), ...this.#oneHome(entry)];
  }

  #arrives(transfer: string, is: Entry | undefined, kept: readonly (keyof Entry)[]): string[] {
    const faults = changed(this.#setOut.get(transfer), is, kept);
    if (!this.#setOut.has(transfer)) faults.push("it arrived and never set out");
    if (this.#arrived.has(transfer)) faults.push("it arrived twice");
    if (this.#declined.has(transfer)) faults.push("it arrived after it was declined");
    this.#arrived.add(transfer);
    return faults;
  }

  #declines(transfer: string): string[] {
    this.#declined.add(transfer);
    return this.#arrived.has(transfer) ? ["it was declined after it had arrived"] : [];
  }

  #oneHome(entry: string): string[] {
    const homes = [...this.#queues]
      .filter(([, { entries }]) => {
        const here = entries.get(entry);
        return here && !(here.leaving && this.#arrived.has(here.leaving.transfer));
      })
      .map(([key]) => key)
      .concat([...(this.#visits.get(entry) ?? [])]);
    const wanted = this.#departed.has(entry) ? 0 : 1;
    return homes.length === wanted ? [] : [`the patient is in ${homes.join(" and ") || "no room"}`];
  }
}

const alsoElsewhere = [
  ...(["id", "patient", "name", "reason", "language", "needs"] as const),
  ...(["checkIn", "priority", "waitingSince", "visit"] as const),
] as const;
const alsoHere = [...alsoElsewhere.slice(0, -1), "rank", "joinedAt"] as const;

function changed(was: Entry | undefined, is: Entry | undefined, kept: readonly (keyof Entry)[]): string[] {
  if (!was || !is) return [];
  return kept
    .filter((field) => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map((field) => `${field} was ${JSON.stringify(was[field])} and is ${JSON.stringify(is[field])}`);
}
