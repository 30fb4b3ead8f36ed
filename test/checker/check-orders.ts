import type { Of } from "./history.ts";
import { commandKey, type RoomHistory } from "./room-history.ts";
import { undecided, type Violation, violation } from "./violation.ts";

/** Requests that always leave an event. Others change nothing where things are so already, and leave none then. */
const alwaysRecorded = ["queue.notify", "queue.suspend", "visit.note", "visit.end"];

/** Every acknowledged request of a queue or a visit is in the journal, where it was said to be, and no other is. */
export function checkOrders(room: RoomHistory): Violation[] {
  const known = new Map(room.commands.map((command) => [commandKey(command.by, command.id), command]));
  return [...acknowledged(room, known), ...refused(room, known), ...invented(room)];
}

type Known = ReadonlyMap<string, Of<"command">>;

function acknowledged(room: RoomHistory, known: Known): Violation[] {
  const firstAck = new Map<string, Of<"ack">>();
  return room.orders.acks.flatMap((ack) => {
    const key = commandKey(ack.person, ack.id);
    const before = firstAck.get(key);
    firstAck.set(key, before ?? ack);
    const send = room.orders.sends.get(key)?.[0];
    const command = known.get(key);
    if (before && before.seq !== ack.seq) {
      const what = `${ack.id} was acknowledged at ${before.seq} and again at ${ack.seq}`;
      return violation(room, "duplicated", what, [send, before, ack, command]);
    }
    if (command) {
      if (command.lastSeq === ack.seq) return [];
      const what = `${ack.id} was acknowledged at ${ack.seq} but is stored at ${command.lastSeq}`;
      return violation(room, "reordered", what, [send, ack, command]);
    }
    if (!send || !alwaysRecorded.includes(send.name)) return [];
    return violation(room, "lost", `${ack.id} was acknowledged at ${ack.seq} but is not stored`, [send, ack]);
  });
}

function refused(room: RoomHistory, known: Known): Violation[] {
  return room.orders.refusals.flatMap((refusal) => {
    const key = commandKey(refusal.person, refusal.id);
    const sends = room.orders.sends.get(key) ?? [];
    const command = known.get(key);
    if (!command || undecided.includes(refusal.code) || sends.length > 1) return [];
    const what = `${refusal.id} was refused (${refusal.code}) and yet it is stored`;
    return violation(room, "invented", what, [sends[0], refusal, command]);
  });
}

/** A command in the name of somebody whose requests were recorded, which they never made. */
function invented(room: RoomHistory): Violation[] {
  const { orders, sends, commands } = room;
  const people = new Set([...orders.sends.values()].map(([first]) => first?.person));
  return commands.flatMap((command) => {
    const key = commandKey(command.by, command.id);
    if (!people.has(command.by) || orders.sends.has(key) || sends.has(key)) return [];
    return violation(room, "invented", `${command.id} is stored but nobody sent it`, [command]);
  });
}
