import { waitingBehaviour } from "../../core/domain/kinds.ts";
import { aheadOf, entryOf, type QueueState } from "../../core/domain/queue/state.ts";
import { isRoomKind, type RoomRef } from "../../core/domain/room.ts";
import { type Step, transferFaults } from "./check-transfers.ts";
import type { Of } from "./history.ts";
import { commandKey, type RoomHistory } from "./room-history.ts";
import { type Violation, violation } from "./violation.ts";

/** Every patient is in one room at every moment, whichever rooms they pass through. */
export function checkWhereabouts(rooms: readonly RoomHistory[], lines: readonly Of<"step">[]): Violation[] {
  const byName = new Map(rooms.map((room) => [room.room, room]));
  const lineOf = new Map<Step, Of<"step">>();
  for (const line of lines) lineOf.set({ room: refOf(line.room), recorded: line.recorded }, line);
  return transferFaults([...lineOf.keys()]).flatMap(({ step, fault }) => {
    const line = lineOf.get(step);
    const room = line && byName.get(line.room);
    if (!line || !room) return [];
    const marks = [step.recorded.event].flatMap(marksOf);
    const before = lines.slice(0, lines.indexOf(line) + 1);
    const story = before.filter((one) => marksOf(one.recorded.event).some((mark) => marks.includes(mark)));
    return violation(room, "placeLost", `${step.recorded.event.type}: ${fault}`, story.slice(-8));
  });
}

/** What patients and staff are shown of a queue follows from its journal. */
export function checkPlaces(room: RoomHistory): Violation[] {
  if (!room.room.startsWith("waiting:") || room.steps.length === 0) return [];
  const { states, end } = fold(room);
  return [
    ...room.places.flatMap((told) => toldTruly(room, told, states)),
    ...keptAfterJoining(room, states),
    ...atTheEnd(room, end),
    ...room.boards.flatMap((board) => boardTruly(room, board, end)),
  ];
}

interface Folded {
  /** By the seq of the last event they include; those alone that are asked for. */
  readonly states: ReadonlyMap<number, QueueState>;
  readonly end: QueueState;
}

function fold(room: RoomHistory): Folded {
  const wanted = new Set([...room.places.map(({ seq }) => seq), ...room.orders.acks.map(({ seq }) => seq)]);
  const states = new Map<number, QueueState>();
  let end = waitingBehaviour.initial;
  for (const { recorded } of room.steps.toSorted((a, b) => a.recorded.seq - b.recorded.seq)) {
    end = waitingBehaviour.evolve(end, recorded);
    if (wanted.has(recorded.seq)) states.set(recorded.seq, end);
  }
  return { states, end };
}

function placeIn(
  state: QueueState,
  patient: string,
): { readonly status: string; readonly place: number | null } {
  const entry = entryOf(state, patient);
  return entry ? { status: entry.status, place: aheadOf(state, entry) + 1 } : { status: "none", place: null };
}

function toldTruly(room: RoomHistory, told: Of<"place">, states: Folded["states"]): Violation[] {
  // A room that has just woken does not say as of when.
  if (told.seq === 0) return [];
  const state = states.get(told.seq);
  const step = room.steps.find(({ recorded }) => recorded.seq === told.seq);
  if (!state) {
    const what = `${told.client} was told their place as of ${told.seq}, which is not stored`;
    return [violation(room, "seenBeforeCommit", what, [told])];
  }
  const is = placeIn(state, told.person);
  if (is.status === told.status && is.place === told.place) return [];
  const what = `${told.client} was told "${told.status}", place ${told.place}; as of ${told.seq} it is "${is.status}", place ${is.place}`;
  return [violation(room, "placeLost", what, [told, step])];
}

/** Whoever was told that they have joined has a place as of then. */
function keptAfterJoining(room: RoomHistory, states: Folded["states"]): Violation[] {
  const recorded = new Set(room.commands.map(({ by, id }) => commandKey(by, id)));
  return room.orders.acks.flatMap((ack) => {
    const key = commandKey(ack.person, ack.id);
    const send = room.orders.sends.get(key)?.[0];
    const state = states.get(ack.seq);
    if (send?.name !== "queue.join" || !recorded.has(key)) return [];
    if (state && entryOf(state, ack.person)) return [];
    return violation(room, "placeLost", `${ack.person} joined at ${ack.seq} and has no place`, [send, ack]);
  });
}

/** Whoever stayed to the end was last told what is so then. */
function atTheEnd(room: RoomHistory, end: QueueState): Violation[] {
  const last = new Map(room.places.map((told) => [told.client, told]));
  return room.views.flatMap(({ client, person, settled }) => {
    const told = last.get(client);
    if (!settled || !told) return [];
    const is = placeIn(end, person);
    if (is.status === told.status && is.place === told.place) return [];
    const what = `${client} was last told "${told.status}", place ${told.place}; in the end it is "${is.status}", place ${is.place}`;
    return violation(room, "placeLost", what, [told, settled, room.steps.at(-1)]);
  });
}

function boardTruly(room: RoomHistory, board: Of<"board">, end: QueueState): Violation[] {
  const is = [...end.order.values()].flatMap((id) => {
    const entry = end.entries.get(id);
    return entry ? [`${entry.patient} ${entry.status}`] : [];
  });
  const shown = board.entries.map(({ patient, status }) => `${patient} ${status}`);
  if (is.join() === shown.join()) return [];
  const what = `${board.client} is shown ${shown.join(", ") || "nobody"}; in the end it is ${is.join(", ") || "nobody"}`;
  return [violation(room, "placeLost", what, [board, room.steps.at(-1)])];
}

/** What ties events of one patient's way together. */
function marksOf(event: object): string[] {
  const origin = "origin" in event && typeof event.origin === "object" && event.origin ? event.origin : {};
  return [event, origin].flatMap((part) =>
    Object.entries(part).flatMap(([name, value]) =>
      (name === "entry" || name === "transfer") && typeof value === "string" ? [value] : [],
    ),
  );
}

function refOf(room: string): RoomRef {
  const [kind, id] = room.split(":");
  if (!isRoomKind(kind) || id === undefined) throw new Error(`"${room}" is no room.`);
  return { kind, id };
}
