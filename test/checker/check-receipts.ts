import type { Of } from "./history.ts";
import type { RoomHistory, View } from "./room-history.ts";
import { type Violation, violation } from "./violation.ts";

/** Cursors only go forward, stay within what was read and what is stored, and outlive whoever saw them. */
export function checkReceipts(room: RoomHistory): Violation[] {
  const messages = room.stored.map(({ event }) => event).filter(({ type }) => type === "chat.message");
  const last = messages.reduce((latest, { seq }) => Math.max(latest, seq), 0);
  return [
    ...room.views.flatMap((view) => [...monotone(room, view), ...grounded(room, view, last)]),
    ...kept(
      room,
      messages.map(({ seq }) => seq),
    ),
  ];
}

function monotone(room: RoomHistory, view: View): Violation[] {
  const found: Violation[] = [];
  const shown = new Map<string, Of<"state">>();
  for (const state of view.states) {
    for (const [person, seq] of Object.entries(state.cursors ?? {})) {
      const before = shown.get(person);
      const highest = before?.cursors?.[person] ?? 0;
      if (seq >= highest) shown.set(person, state);
      else {
        const what = `${view.client} was shown ${person}'s cursor going back from ${highest} to ${seq}`;
        found.push(violation(room, "receiptsRegressed", what, [before, state]));
      }
    }
  }
  return found;
}

/** The first state that shows a cursor beyond the last message, or beyond what the person ever read. */
function grounded(room: RoomHistory, view: View, lastMessage: number): Violation[] {
  const furthest = new Map<string, Of<"read">>();
  for (const read of room.reads)
    if (read.seq > (furthest.get(read.person)?.seq ?? 0)) furthest.set(read.person, read);
  for (const state of view.states) {
    for (const [person, seq] of Object.entries(state.cursors ?? {})) {
      const read = furthest.get(person);
      if (seq > lastMessage) {
        const what = `${person}'s cursor ${seq} is beyond the last message, ${lastMessage}`;
        return [violation(room, "receiptsRegressed", what, [state])];
      }
      if (seq > Math.max(room.baseline, read?.seq ?? 0)) {
        const what = `${person}'s cursor is shown at ${seq}, but they never read so far`;
        return [violation(room, "receiptsRegressed", what, [read, state])];
      }
    }
  }
  return [];
}

/** In the end a newcomer sees every cursor at least where anyone saw it, or was told it is. */
function kept(room: RoomHistory, messages: readonly number[]): Violation[] {
  const least = new Map<string, { readonly seq: number; readonly line: Of<"state"> | Of<"readAck"> }>();
  const raise = (person: string, seq: number, line: Of<"state"> | Of<"readAck">): void => {
    if (seq > (least.get(person)?.seq ?? 0)) least.set(person, { seq, line });
  };
  for (const ack of room.readAcks) raise(ack.person, messages.findLast((seq) => seq <= ack.seq) ?? 0, ack);
  for (const state of room.views.flatMap((view) => view.states))
    for (const [person, seq] of Object.entries(state.cursors ?? {})) raise(person, seq, state);
  return [...least].flatMap(([person, { seq, line }]) => {
    const end = room.finalCursors.get(person) ?? 0;
    if (end >= seq) return [];
    const what = `${person}'s cursor was ${seq} and is ${end} in the end`;
    const final = { op: "cursor", room: room.room, person, seq: end } as const;
    return violation(room, "receiptsRegressed", what, [line, final]);
  });
}
