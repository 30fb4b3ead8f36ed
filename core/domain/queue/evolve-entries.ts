import type { Recorded } from "../feature.ts";
import { keep } from "../lib/bounded.ts";
import { deadlineKey, entryDeadline } from "./deadlines.ts";
import type { QueueEvent } from "./events.ts";
import {
  departureLimit,
  type Entry,
  isStaff,
  type QueueState,
  reorderLimit,
  transferLimit,
} from "./state.ts";

/** The events that are about entries. */
type EntryEvent = Exclude<
  QueueEvent,
  {
    readonly type:
      | "queue.created"
      | "queue.configured"
      | "queue.carriedOn"
      | "queue.staffChanged"
      | "queue.opened"
      | "queue.closed"
      | "queue.suspended"
      | "queue.dutyChanged"
      | "queue.declined"
      | "queue.used"
      | "queue.served";
  }
>;

export function evolveEntries(state: QueueState, { seq, at, by, event }: Recorded<EntryEvent>): QueueState {
  switch (event.type) {
    case "queue.joined": {
      const { type: _, entry: id, ...joined } = event;
      const entry = { ...freshEntry, ...joined, id, joinedAt: at, waitingSince: at };
      return put({ ...state, joins: state.joins + 1 }, entry);
    }
    case "queue.arrived": {
      const { type: _, transfer, from: __, by: ___, entry: id, ...arrived } = event;
      const entry = { ...freshEntry, ...arrived, id, joinedAt: at, offlineSince: at };
      const reorder = { seq, at, entry: id, why: "transfer", from: null, to: event.rank } as const;
      const next = { ...state, arrived: keep(state.arrived, transfer, transferLimit) };
      return put({ ...next, reorders: keep(next.reorders, reorder, reorderLimit) }, entry);
    }
    case "queue.left":
      return leave(state, event, at);
    case "queue.woke": {
      let next = state;
      for (const entry of state.entries.values()) {
        if (entry.offlineSince === null) next = put(next, { ...entry, offlineSince: at });
      }
      return next;
    }
    default: {
      const entry = event.entry === null ? undefined : state.entries.get(event.entry);
      if (!entry) return state;
      const next = put(state, { ...entry, ...changeOf(entry, event, at, by) });
      if (event.type !== "queue.moved" && event.type !== "queue.prioritised") return next;
      const why = event.type === "queue.moved" ? "moved" : "priority";
      const reorder = { seq, at, entry: entry.id, why, from: entry.rank, to: event.rank } as const;
      return { ...next, reorders: keep(state.reorders, reorder, reorderLimit) };
    }
  }
}

type ChangeEvent = Exclude<
  EntryEvent,
  { readonly type: "queue.joined" | "queue.arrived" | "queue.left" | "queue.woke" }
>;

const idle = { call: null, hold: null } as const;

/** Nothing is done with the entry any more: whoever was away still is, from now on. */
function backInLine({ awaySince }: Entry, at: number): Partial<Entry> {
  if (awaySince === null) return { ...idle, status: "waiting" };
  return { ...idle, status: "away", awaySince: at };
}

function changeOf(entry: Entry, event: ChangeEvent, at: number, by: string): Partial<Entry> {
  switch (event.type) {
    case "queue.checkedIn":
      return { checkIn: { ...entry.checkIn, ...event.checkIn }, missedAt: null };
    case "queue.called": {
      const call = { person: by, name: event.name, clinician: event.clinician, at };
      return { ...idle, status: "called", call };
    }
    case "queue.confirmed":
      return { status: "confirmed", missedAt: null, missed: 0 };
    case "queue.unanswered":
      return { ...backInLine(entry, at), missedAt: entry.missedAt ?? at, missed: entry.missed + 1 };
    case "queue.held":
      return { ...idle, status: "held", hold: { person: by, name: event.name, at } };
    case "queue.resumed":
      return backInLine(entry, at);
    case "queue.moved":
      return { rank: event.rank };
    case "queue.prioritised":
      return { rank: event.rank, priority: event.priority };
    case "queue.leaving": {
      const { transfer, to, by: whom, clinician } = event;
      const leaving = { transfer, to, by: whom, clinician, since: at, phase: "going", tries: 0 } as const;
      return { ...idle, status: "leaving", leaving, returned: null };
    }
    case "queue.recalled": {
      if (!entry.leaving) return {};
      const leaving = { ...entry.leaving, phase: "returning", tries: entry.leaving.tries + 1 } as const;
      return { leaving, returned: event.code ?? entry.returned };
    }
    case "queue.returned":
      // A scheduled visit that is over is no longer where the patient goes.
      return {
        ...backInLine(entry, at),
        leaving: null,
        returned: event.code,
        visit: event.code === "visit_ended" ? null : entry.visit,
      };
    case "queue.notified":
      return { notice: { body: event.body, at } };
    case "queue.wentOffline":
      return { offlineSince: at };
    case "queue.cameBack": {
      const here = { offlineSince: null, awaySince: null, missedAt: null };
      return entry.status === "away" ? { ...here, status: "waiting" } : here;
    }
    case "queue.wentAway":
      return { ...idle, status: "away", awaySince: at };
    case "queue.longWait":
      return { longWait: true };
  }
}

const freshEntry = {
  checkIn: null,
  priority: "normal",
  status: "waiting",
  offlineSince: null,
  awaySince: null,
  call: null,
  hold: null,
  missedAt: null,
  missed: 0,
  longWait: false,
  notice: null,
  leaving: null,
  returned: null,
} as const;

function leave(
  state: QueueState,
  { entry: id, how, by, reason }: Extract<EntryEvent, { type: "queue.left" }>,
  at: number,
): QueueState {
  const entry = state.entries.get(id);
  if (!entry) return state;
  const { patient, name, leaving } = entry;
  const to = leaving?.to.id ?? null;
  const departure = { entry: id, patient, name, how, at, by: by ?? leaving?.by ?? null, to, reason };
  const next = { ...take(state, entry), departed: keep(state.departed, departure, departureLimit) };
  if (how !== "admitted" || !leaving) return next;
  const admitted = { ...next.admitted, [patient]: { visit: leaving.to.id, entry: id, at } };
  const duty = freedFrom(next.duty, leaving.to.id, at);
  const who = leaving.clinician;
  // Whoever does not run this queue is not on duty in it afterwards.
  if (!who || !isStaff(state, who.person)) return { ...next, admitted, duty };
  const busy = {
    name: who.name,
    status: "in_visit",
    since: at,
    clinician: true,
    visit: leaving.to.id,
  } as const;
  return { ...next, admitted, duty: { ...duty, [who.person]: busy } };
}

/** Whoever was in that visit is no longer, whoever it has passed to meanwhile. */
export function freedFrom(duty: QueueState["duty"], visit: string, at: number): QueueState["duty"] {
  const people = Object.entries(duty);
  if (!people.some(([, one]) => one.visit === visit)) return duty;
  const free = { status: "available", since: at, visit: null } as const;
  return Object.fromEntries(
    people.map(([person, one]) => [person, one.visit === visit ? { ...one, ...free } : one]),
  );
}

/** Puts the entry in the place of what it was, with everything that is derived from it. */
function put(state: QueueState, entry: Entry): QueueState {
  const before = state.entries.get(entry.id);
  const same = before?.rank === entry.rank;
  const order = before && !same ? state.order.delete(before.rank) : state.order;
  return {
    ...state,
    entries: state.entries.set(entry.id, entry),
    order: same ? order : order.set(entry.rank, entry.id),
    places: before ? state.places : state.places.set(entry.patient, entry.id),
    leaving:
      before?.leaving === entry.leaving
        ? state.leaving
        : entry.leaving
          ? state.leaving.set(entry.id, entry.leaving)
          : state.leaving.delete(entry.id),
    deadlines: moveDeadline(state, before, entry),
  };
}

function take(state: QueueState, entry: Entry): QueueState {
  return {
    ...state,
    entries: state.entries.delete(entry.id),
    order: state.order.delete(entry.rank),
    places: state.places.delete(entry.patient),
    leaving: state.leaving.delete(entry.id),
    deadlines: moveDeadline(state, entry, undefined),
  };
}

function moveDeadline(
  { deadlines, settings }: QueueState,
  before: Entry | undefined,
  after: Entry | undefined,
): QueueState["deadlines"] {
  const was = before && entryDeadline(before, settings);
  const is = after && entryDeadline(after, settings);
  const key = is ? deadlineKey(is) : null;
  if (was && deadlineKey(was) === key) return deadlines;
  const without = was ? deadlines.delete(deadlineKey(was)) : deadlines;
  return is && key !== null ? without.set(key, is) : without;
}
