import type { Of, SeenEvent } from "./history.ts";
import { commandKey, type RoomHistory } from "./room-history.ts";
import { undecided, type Violation, violation } from "./violation.ts";

/** The event that each request becomes. Written down anew on purpose: the product's own table is on trial. */
const becomes: Readonly<Record<string, string>> = {
  "chat.send": "chat.message",
  "chat.edit": "chat.edited",
  "chat.delete": "chat.deleted",
  "chat.react": "chat.reacted",
  "chat.member": "chat.memberChanged",
};

/** Clocks of two recorders on one machine agree within this (ms). */
const clockTolerance = 5;

/** Every acknowledged command is stored once, where it was said to be, as it was sent, and no other is. */
export function checkCommands(room: RoomHistory): Violation[] {
  return [
    ...acknowledged(room),
    ...storedOnce(room),
    ...storedAsSent(room),
    ...refused(room),
    ...realTime(room),
  ];
}

function acknowledged(room: RoomHistory): Violation[] {
  const found: Violation[] = [];
  const firstAck = new Map<string, Of<"ack">>();
  for (const ack of room.acks) {
    const key = commandKey(ack.person, ack.id);
    const before = firstAck.get(key);
    if (before?.seq === ack.seq) continue;
    firstAck.set(key, before ?? ack);
    const send = room.sends.get(key)?.[0];
    const stored = room.storedAs.get(key)?.[0];
    if (before) {
      const what = `${ack.id} was acknowledged at ${before.seq} and again at ${ack.seq}`;
      found.push(violation(room, "duplicated", what, [send, before, ack, stored]));
    } else if (!stored) {
      if (send?.name === "chat.member") continue; // changes nothing where the role was so already
      const what = `${ack.id} was acknowledged at ${ack.seq} but is not stored`;
      found.push(violation(room, "lost", what, [send, ack, room.storedAt.get(ack.seq)]));
    } else if (stored.event.seq !== ack.seq) {
      const what = `${ack.id} was acknowledged at ${ack.seq} but is stored at ${stored.event.seq}`;
      found.push(violation(room, "reordered", what, [send, ack, stored]));
    }
  }
  return found;
}

function storedOnce(room: RoomHistory): Violation[] {
  return [...room.storedAs].flatMap(([key, stored]) => {
    const [first, second] = stored;
    if (!first || !second) return [];
    const what = `${first.event.id} of ${first.event.from} is stored ${stored.length} times`;
    return violation(room, "duplicated", what, [room.sends.get(key)?.[0], first, second]);
  });
}

function storedAsSent(room: RoomHistory): Violation[] {
  return room.stored.flatMap((line) => {
    const { event } = line;
    if (event.seq <= room.baseline) return [];
    const sends = room.sends.get(commandKey(event.from, event.id));
    if (!sends) return violation(room, "invented", `${event.id} is stored but nobody sent it`, [line]);
    if (sends.some((send) => isAsSent(event, send))) return [];
    return violation(room, "invented", `${event.id} is stored otherwise than it was sent`, [sends[0], line]);
  });
}

/** Whether the event says what the request said. A body is null where the message was amended since. */
export function isAsSent(event: SeenEvent, { name, payload }: Of<"send">): boolean {
  if (becomes[name] !== event.type) return false;
  return Object.entries(payload).every(
    ([field, value]) => sameValue(event[field], value) || (field === "body" && event[field] === null),
  );
}

export function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function refused(room: RoomHistory): Violation[] {
  return room.refusals.flatMap((refusal) => {
    const key = commandKey(refusal.person, refusal.id);
    const sends = room.sends.get(key) ?? [];
    const stored = room.storedAs.get(key)?.[0];
    if (!stored || undecided.includes(refusal.code) || sends.length > 1) return [];
    const what = `${refusal.id} was refused (${refusal.code}) and yet it is stored`;
    return violation(room, "invented", what, [sends[0], refusal, stored]);
  });
}

/** What was sent after another's acknowledgement comes after it in the room's order. */
function realTime(room: RoomHistory): Violation[] {
  const found: Violation[] = [];
  const acks = room.acks.toSorted((a, b) => a.t - b.t);
  const sends = [...room.sends.values()].flatMap(([first]) => first ?? []).sort((a, b) => a.t - b.t);
  let next = 0;
  let latest: Of<"ack"> | undefined;
  for (const send of sends) {
    for (let ack = acks[next]; ack && ack.t < send.t - clockTolerance; ack = acks[++next])
      if (ack.seq > (latest?.seq ?? 0)) latest = ack;
    const stored = room.storedAs.get(commandKey(send.person, send.payload.id))?.[0];
    if (!stored || !latest || stored.event.seq > latest.seq) continue;
    const what = `${send.payload.id} was sent after ${latest.id} was acknowledged, but is stored before it`;
    found.push(violation(room, "reordered", what, [latest, send, stored]));
  }
  return found;
}
