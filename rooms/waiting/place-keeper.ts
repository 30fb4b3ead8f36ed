import type { Recorded } from "../../core/domain/feature.ts";
import { isQueueEvent, type QueueEvent } from "../../core/domain/queue/events.ts";
import { waitsOf } from "../../core/domain/queue/metrics.ts";
import { entryOf, type QueueState } from "../../core/domain/queue/state.ts";
import { type PlaceMessage, queueMessages } from "../../core/protocol/queue.ts";
import type { Here, Personal } from "../socket/room-view.ts";
import { admittedMessage, calledMessage, placeOf } from "./place-messages.ts";

/** Events after which the places of others may be different. */
const reordering: readonly QueueEvent["type"][] = [
  "queue.left",
  "queue.arrived",
  "queue.moved",
  "queue.prioritised",
];
/** Events after which only estimates are different. */
const pacing: readonly QueueEvent["type"][] = [
  "queue.dutyChanged",
  "queue.served",
  "queue.opened",
  "queue.suspended",
  "queue.closed",
  "queue.configured",
];

/** Tells each connected patient about their own place, when it is different from what they were told. */
export class PlaceKeeper {
  readonly #told = new Map<string, PlaceMessage>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What the patient has been told elsewhere (on joining). */
  remember(patient: string, place: PlaceMessage): void {
    this.#told.set(patient, place);
  }

  forget(patient: string): void {
    this.#told.delete(patient);
  }

  /** What follows from events: to those they are about, and to everyone whose place they change. */
  after(events: readonly Recorded[], state: QueueState, here: Here): Personal[] {
    const messages: Personal[] = [];
    const concerned = new Set<string>();
    let everyone = false;
    for (const { event } of events) {
      if (!isQueueEvent(event)) continue;
      everyone ||= reordering.includes(event.type);
      const patient = patientOf(event, state);
      if (patient !== null && here.has(patient)) concerned.add(patient);
      messages.push(...about(event, patient, state, here));
    }
    const seq = events.at(-1)?.seq ?? 0;
    return [...this.#places(state, seq, everyone ? here.keys() : concerned, concerned), ...messages];
  }

  /** Estimates move as time passes; `changed` says whether events ask for a look at them. */
  static paces(events: readonly Recorded[]): boolean {
    return events.some(({ event }) => isQueueEvent(event) && pacing.includes(event.type));
  }

  /** Brings the estimates of those who are here up to date. */
  refresh(state: QueueState, seq: number, here: Iterable<string>): Personal[] {
    return this.#places(state, seq, here, new Set());
  }

  #places(
    state: QueueState,
    seq: number,
    people: Iterable<string>,
    concerned: ReadonlySet<string>,
  ): Personal[] {
    const now = this.#now();
    const moment = { seq, now, waits: waitsOf(state, now) };
    const messages: Personal[] = [];
    for (const person of people) {
      if (!concerned.has(person) && !state.places.has(person)) continue;
      const place = placeOf(state, person, moment);
      if (same(this.#told.get(person), place)) continue;
      this.#told.set(person, place);
      messages.push({ person, name: queueMessages.place, payload: place });
    }
    return messages;
  }
}

function patientOf(event: QueueEvent, state: QueueState): string | null {
  if ("patient" in event) return event.patient;
  if (!("entry" in event) || event.entry === null) return null;
  return state.entries.get(event.entry)?.patient ?? null;
}

function about(event: QueueEvent, patient: string | null, state: QueueState, here: Here): Personal[] {
  if (event.type === "queue.notified" && event.entry === null) {
    const payload = { body: event.body, at: state.notices.at(-1)?.at ?? 0, personal: false };
    return [...here.keys()].map((person) => ({ person, name: queueMessages.notice, payload }));
  }
  if (patient === null || !here.has(patient)) return [];
  const to = (message: Omit<Personal, "person">) => ({ person: patient, ...message });
  const entry = entryOf(state, patient);
  switch (event.type) {
    case "queue.called":
      return entry ? calledMessage(state, entry).map(to) : [];
    case "queue.left":
      return event.how === "admitted" ? admittedMessage(state, patient).map(to) : [];
    case "queue.notified":
      return entry?.notice
        ? [to({ name: queueMessages.notice, payload: { ...entry.notice, personal: true } })]
        : [];
    default:
      return [];
  }
}

/**
 * An estimate that moved by a minute or a tenth is worth telling; less is noise. And that the queue no longer
 * knows why a place once grew is no news.
 */
function same(told: PlaceMessage | undefined, place: PlaceMessage): boolean {
  if (!told) return false;
  const { etaSeconds: before } = told;
  const { etaSeconds: after } = place;
  const close =
    before === after ||
    (before !== null && after !== null && Math.abs(after - before) <= Math.max(60, before / 10));
  return (
    close &&
    told.status === place.status &&
    told.entry === place.entry &&
    told.place === place.place &&
    told.ready === place.ready &&
    (!place.setBack || told.setBack?.at === place.setBack.at) &&
    told.ended?.at === place.ended?.at
  );
}
