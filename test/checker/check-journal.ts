import type { Of } from "./history.ts";
import type { RoomHistory } from "./room-history.ts";
import { type Violation, violation } from "./violation.ts";

/** Journaled, but shown to members as state and not as events, like everything that is no part of a conversation. */
const undelivered = ["chat.created", "chat.read"];

/** The journal's rows are one gapless order, under epochs that never go back, and history gives just them. */
export function checkJournal(room: RoomHistory): Violation[] {
  const rows = room.rows.toSorted((a, b) => a.seq - b.seq);
  return [
    ...rows.flatMap((row, index) => follows(room, rows[index - 1], row)),
    ...rows.flatMap((row) => outlived(room, row)),
    ...historyIsJournal(room, rows),
    ...commandsPoint(room),
  ];
}

function follows(room: RoomHistory, before: Of<"row"> | undefined, row: Of<"row">): Violation[] {
  const found: Violation[] = [];
  const expected = (before?.seq ?? 0) + 1;
  if (row.seq > expected) found.push(violation(room, "gap", `the journal has no ${expected}`, [before, row]));
  if (row.seq < expected)
    found.push(violation(room, "duplicated", `the journal has ${row.seq} twice`, [before, row]));
  if (!before) return found;
  if (row.epoch < before.epoch) {
    const what = `${row.seq} was written under epoch ${row.epoch}, after epoch ${before.epoch} had begun`;
    found.push(violation(room, "splitBrain", what, [before, row]));
  }
  if (feedOrder(before, row) >= 0)
    found.push(violation(room, "reordered", `the feed has ${row.seq} before ${before.seq}`, [before, row]));
  return found;
}

/** Whoever claims a room leaves everything from its next seq on to its own epoch and later ones. */
function outlived(room: RoomHistory, row: Of<"row">): Violation[] {
  const claim = room.claims.find(({ epoch, nextSeq }) => epoch > row.epoch && nextSeq <= row.seq);
  if (!claim) return [];
  const what = `${row.seq} was written under epoch ${row.epoch}, though epoch ${claim.epoch} had been claimed`;
  return [violation(room, "splitBrain", what, [claim, row])];
}

function feedOrder(a: Of<"row">, b: Of<"row">): number {
  return Number(BigInt(a.tx) - BigInt(b.tx)) || Number(BigInt(a.position) - BigInt(b.position));
}

function historyIsJournal(room: RoomHistory, rows: readonly Of<"row">[]): Violation[] {
  const found: Violation[] = [];
  const delivered = new Map(
    rows
      .filter(({ type }) => type.startsWith("chat.") && !undelivered.includes(type))
      .map((row) => [row.seq, row]),
  );
  let last = 0;
  for (const line of room.stored) {
    const { seq, type, from } = line.event;
    const row = delivered.get(seq);
    delivered.delete(seq);
    if (seq <= last)
      found.push(violation(room, "reordered", `history gives ${seq} after ${last}`, [row, line]));
    if (row?.type !== type || row.by !== from)
      found.push(violation(room, "invented", `history gives a ${seq} that the journal has not`, [row, line]));
    last = seq;
  }
  for (const row of delivered.values())
    found.push(violation(room, "lost", `history does not give ${row.seq}`, [row]));
  return found;
}

function commandsPoint(room: RoomHistory): Violation[] {
  if (room.commands.length === 0) return [];
  const known = new Map(room.commands.map((command) => [`${command.by} ${command.id}`, command]));
  return [...room.storedAs].flatMap(([key, [line]]) => {
    const command = known.get(key);
    if (!line || (command && command.firstSeq <= line.event.seq && line.event.seq <= command.lastSeq))
      return [];
    const what = `a repeat of ${line.event.id} would not be recognised`;
    return violation(room, "duplicated", what, [command, line]);
  });
}
