import { isVisitEvent } from "../../visit/events.ts";
import { isInside, type VisitState } from "../../visit/state.ts";
import type { ModelVisit } from "../../visit/testing/model-visit.ts";
import { priorities, type QueueState } from "../state.ts";
import { loadQueue, storeQueue } from "../stored.ts";
import { type Clinic, isQueue, type QueueInPlay, type VisitInPlay } from "./clinic.ts";
import type { ModelQueue } from "./model-queue.ts";

/** What is wrong in the rooms that have changed since the last look, or in all; empty when nothing is. */
export function faultsOf(clinic: Clinic, where: "changed" | "all" = "changed"): string[] {
  const rooms = clinic.rooms.filter(({ room }) => where === "all" || clinic.seen.get(room) !== room.state);
  for (const { room } of rooms) clinic.seen.set(room, room.state);
  const faults = rooms.flatMap((one) => (isQueue(one) ? queueFaults(one) : visitFaults(one)));
  return [...clinic.watcher.faults, ...faults];
}

function queueFaults({ room, model }: QueueInPlay): string[] {
  const { state, due, errands, faults } = room;
  const shown = shownQueue(state);
  return [
    ...faults,
    ...differs(room.ref.id, shown, paperQueue(model)),
    ...storedFaults(room.ref.id, state),
    ...differs(`${room.ref.id} due`, due?.at ?? null, model.deadlines[0]?.at ?? null),
    ...differs(
      `${room.ref.id} errands`,
      errands.map(({ name, to, payload }) => [name, to.id, "transfer" in payload && payload.transfer]).sort(),
      model.line.flatMap(({ going }) => (going ? [errandOf(going)] : [])).sort(),
    ),
  ];
}

function errandOf({
  kind,
  to,
  transfer,
  returning,
}: {
  kind: string;
  to: string;
  transfer: string;
  returning: boolean;
}) {
  return [`${kind === "waiting" ? "queue" : "visit"}.${returning ? "decline" : "arrive"}`, to, transfer];
}

/** A queue as plain lists, in order. */
function shownQueue(state: QueueState): unknown {
  const line = [...state.order.values()].map((id) => {
    const entry = state.entries.get(id);
    if (!entry) return null;
    const { patient, visit, priority, status, waitingSince, call, hold, offlineSince, awaySince } = entry;
    const { missedAt, longWait, checkIn, leaving, returned } = entry;
    return [
      ...[id, patient, visit, priorities.indexOf(priority), status, waitingSince],
      ...[call && [call.person, call.at], hold?.at ?? null, offlineSince, awaySince, missedAt],
      ...[longWait, checkIn?.location ?? null, returned],
      leaving && [leaving.transfer, leaving.to.id, leaving.by.person, leaving.phase, leaving.tries],
    ];
  });
  const duty = Object.entries(state.duty).map(([person, one]) => [person, one.status, one.since, one.visit]);
  const admitted = Object.entries(state.admitted).map(([patient, { visit }]) => [patient, visit]);
  const { opening, suspended, clearAt, arrived, declined } = state;
  const until = suspended?.until ?? null;
  return { line, opening, until, clearAt, duty: duty.sort(), admitted: admitted.sort(), arrived, declined };
}

function paperQueue(model: ModelQueue): unknown {
  const line = model.line.map((entry) => {
    const { id, patient, visit, urgency, status, since, call, heldAt, offlineAt, awayAt } = entry;
    const { missedAt, long, location, going, returned } = entry;
    const phase = going?.returning ? "returning" : "going";
    return [
      ...[id, patient, visit, urgency, status, since],
      ...[call && [call.by, call.at], heldAt, offlineAt, awayAt, missedAt],
      ...[long, location, returned],
      going && [going.transfer, going.to, going.by, phase, going.tries],
    ];
  });
  const duty = Object.entries(model.duty).map(([person, one]) => [person, one.status, one.since, one.visit]);
  const admitted = Object.entries(model.admitted);
  const { opening, until, clearAt, arrived, declined } = model;
  return { line, opening, until, clearAt, duty: duty.sort(), admitted: admitted.sort(), arrived, declined };
}

/** What is derived is what comes out when it is derived anew from what is stored. */
function storedFaults(id: string, state: QueueState): string[] {
  const stored = loadQueue(JSON.parse(JSON.stringify(storeQueue(state))));
  return differs(`${id} stored and derived anew`, whole(state), whole(stored));
}

/** The whole state as plain data, what is derived included. */
function whole(state: QueueState): unknown {
  const { entries, order, places, deadlines, leaving, ...rest } = state;
  return { rest, maps: [entries, order, places, deadlines, leaving].map((map) => [...map]) };
}

export function visitFaults({ room, model }: VisitInPlay): string[] {
  const { state, due, errands, faults } = room;
  const { visit, conversation } = state;
  const inside = Object.keys(visit.participants).filter((person) => isInside(visit, person));
  return [
    ...faults,
    ...differs(`visit ${room.ref.id}`, shownVisit(room), paperVisit(model)),
    ...differs(`visit ${room.ref.id} due`, due?.at ?? null, model.deadlines[0]?.at ?? null),
    ...differs(
      `visit ${room.ref.id} errands`,
      errands.map(({ id, to }) => [id, to.id]),
      model.outbox.map(({ what, transfer, queue }) => [`${what}_${transfer}`, queue]),
    ),
    ...differs("the conversation", Object.keys(conversation.members).sort(), inside.sort()),
    ...differs("the log of media", logged(visit), received(visit)),
    ...differs("its roles", rolesOf(conversation.members), Object.entries(model.chat).sort()),
  ];
}

/** What everyone was last logged with. */
function logged({ participants, mediaLog }: VisitState): unknown {
  return Object.keys(participants).map((person) => {
    return [person, mediaLog.findLast((entry) => entry.person === person)?.media ?? "none"];
  });
}

function received({ participants }: VisitState): unknown {
  return Object.entries(participants).map(([person, { media }]) => [person, media]);
}

function rolesOf(members: Readonly<Record<string, { readonly role: string }>>): unknown {
  return Object.entries(members)
    .map(([person, { role }]) => [person, role])
    .sort();
}

function shownVisit({ state: { visit } }: VisitInPlay["room"]): unknown {
  const { phase, outcome, entered, arrivedAt, emptySince, locked, held, arrived, declined } = visit;
  const people = Object.entries(visit.participants).map(([person, one]) => {
    const { role, admission, presentSince, media, invitation } = one;
    return [person, role, admission, presentSince, media, invitation];
  });
  const invitations = Object.entries(visit.invitations).map(([id, one]) => {
    return [id, one.role, one.status, one.expiresAt, one.guest];
  });
  const clinician = visit.clinician?.person ?? null;
  const patient = visit.patient.person || null;
  return {
    ...{
      patient,
      clinician,
      phase,
      outcome,
      entered,
      arrivedAt,
      emptySince,
      locked,
      held,
      arrived,
      declined,
    },
    ...{ people: people.sort(), invitations: invitations.sort(), surveyed: visit.survey !== null },
  };
}

function paperVisit(model: ModelVisit): unknown {
  const { patient, clinician, phase, outcome, entered, arrivedAt, emptySince, locked, held } = model;
  const { arrived, declined, surveyed } = model;
  const people = Object.entries(model.people).map(([person, one]) => {
    return [person, one.role, one.admission, one.here, one.media, one.invitation];
  });
  const invitations = Object.entries(model.invitations).map(([id, one]) => {
    return [id, one.role, one.status, one.expiresAt, one.guest];
  });
  return {
    ...{
      patient,
      clinician,
      phase,
      outcome,
      entered,
      arrivedAt,
      emptySince,
      locked,
      held,
      arrived,
      declined,
    },
    ...{ people: people.sort(), invitations: invitations.sort(), surveyed },
  };
}

/** Compared as text: that is quick, and what a snapshot keeps. */
export function differs(what: string, is: unknown, should: unknown): string[] {
  const [actual, expected] = [JSON.stringify(is), JSON.stringify(should)];
  return actual === expected ? [] : [`${what}\n  is        ${actual}\n  should be ${expected}`];
}

/** What is wrong once everything that was under way is done. */
export function leftovers(clinic: Clinic): string[] {
  const { arrived, returned, gone, sent, served } = clinic.watcher;
  const faults = faultsOf(clinic, "all");
  for (const transfer of sent.keys()) {
    if (gone.has(transfer) === returned.has(transfer)) faults.push(`${transfer} has no end, or two`);
    if (gone.has(transfer) !== arrived.has(transfer)) faults.push(`${transfer} is in neither, or in both`);
  }
  for (const { room } of clinic.rooms) if (room.errands.length > 0) faults.push(`${room.ref.id} still waits`);
  const expected = new Map<string, number>();
  for (const one of clinic.rooms)
    if (!isQueue(one)) for (const key of ends(one)) expected.set(key, (expected.get(key) ?? 0) + 1);
  faults.push(...differs("told that it is over", [...served].sort(), [...expected].sort()));
  for (const one of clinic.rooms) if (isQueue(one)) faults.push(...stuck(clinic, one));
  return faults;
}

/** Which queues a visit has to have told that it is over: the last that sent the patient, and each other before. */
function ends({ room }: VisitInPlay): string[] {
  const queues = room.journal.flatMap(({ event }) =>
    isVisitEvent(event) && event.type === "visit.arrived" ? [event.origin.queue.id] : [],
  );
  const runs = queues.filter((queue, i) => queue !== queues[i + 1]);
  const over = room.state.visit.phase === "ended" ? runs : runs.slice(0, -1);
  return over.map((queue) => `${queue} ${room.ref.id}`);
}

/** Nobody may be kept out, or busy, by a visit that is over. */
function stuck(clinic: Clinic, { room: { ref, state } }: QueueInPlay): string[] {
  const over = (visit: string | null) =>
    visit !== null && clinic.visits.get(visit)?.room.state.visit.phase === "ended";
  const out = Object.entries(state.admitted).filter(([, { visit }]) => over(visit));
  const busy = Object.entries(state.duty).filter(([, { visit }]) => over(visit));
  return [
    ...out.map(([patient]) => `${patient} cannot come to ${ref.id} any more`),
    ...busy.map(([person]) => `${person} is busy for ever in ${ref.id}`),
  ];
}
