import type { Line, Of } from "./history.ts";

/** What one client was shown of a room from one opening to the next. */
export interface View {
  readonly client: string;
  readonly person: string;
  readonly after: number | null;
  readonly events: Of<"event">[];
  readonly states: Of<"state">[];
  settled: Of<"settled"> | null;
}

/** Requests that are no part of a conversation. */
export interface Orders {
  readonly sends: Map<string, Of<"send">[]>;
  readonly acks: Of<"ack">[];
  readonly refusals: Of<"refused">[];
}

/** Everything recorded and stored about one room, arranged for the checks. */
export interface RoomHistory {
  readonly room: string;
  baseline: number;
  /** Of the room's conversation. */
  readonly sends: Map<string, Of<"send">[]>;
  readonly acks: Of<"ack">[];
  readonly refusals: Of<"refused">[];
  /** What is asked of a queue or a visit. */
  readonly orders: Orders;
  readonly views: View[];
  readonly reads: Of<"read">[];
  readonly readAcks: Of<"readAck">[];
  readonly rows: Of<"row">[];
  readonly commands: Of<"command">[];
  /** Read back, in the order it came. */
  readonly stored: Of<"stored">[];
  readonly storedAt: Map<number, Of<"stored">>;
  readonly storedAs: Map<string, Of<"stored">[]>;
  readonly finalCursors: Map<string, number>;
  readonly claims: Of<"claim">[];
  readonly steps: Of<"step">[];
  readonly places: Of<"place">[];
  readonly boards: Of<"board">[];
  readonly sockets: Of<"socket">[];
  /** When each client had a sign of its room, by client. */
  readonly signs: Map<string, number[]>;
  /** Of the whole system. */
  readonly faults: readonly Of<"fault">[];
  /** The recording's first `t`. */
  readonly start: number;
}

/** A command's identity: ids are unique per room and person. */
export const commandKey = (person: string, id: string): string => `${person} ${id}`;

/** Sorts lines by room. */
export function arrange(lines: readonly Line[]): RoomHistory[] {
  const faults = lines.filter((line) => line.op === "fault");
  const start = lines.reduce((least, line) => ("t" in line ? Math.min(least, line.t) : least), Infinity);
  const rooms = new Map<string, RoomHistory>();
  const open = new Map<string, View>();
  for (const line of lines) {
    if (line.op === "fault") continue;
    const room = rooms.get(line.room) ?? emptyRoom(line.room, faults, start);
    rooms.set(line.room, room);
    put(room, open, line);
    if ("client" in line && isSign(line.op)) push(room.signs, line.client, line.t);
  }
  return [...rooms.values()];
}

function emptyRoom(room: string, faults: readonly Of<"fault">[], start: number): RoomHistory {
  return {
    room,
    baseline: 0,
    sends: new Map(),
    acks: [],
    refusals: [],
    orders: { sends: new Map(), acks: [], refusals: [] },
    views: [],
    reads: [],
    readAcks: [],
    rows: [],
    commands: [],
    stored: [],
    storedAt: new Map(),
    storedAs: new Map(),
    finalCursors: new Map(),
    claims: [],
    steps: [],
    places: [],
    boards: [],
    sockets: [],
    signs: new Map(),
    faults,
    start,
  };
}

/** What tells a client that its room is there for it. */
export function isSign(op: Line["op"]): boolean {
  return ["ack", "readAck", "answered", "event", "place", "live"].includes(op);
}

function put(room: RoomHistory, open: Map<string, View>, line: Exclude<Line, Of<"fault">>): void {
  switch (line.op) {
    case "opened":
      openView(room, open, line, line.after);
      return;
    case "event":
      (open.get(viewKey(line)) ?? openView(room, open, line, null)).events.push(line);
      return;
    case "state":
      (open.get(viewKey(line)) ?? openView(room, open, line, null)).states.push(line);
      return;
    case "settled":
      (open.get(viewKey(line)) ?? openView(room, open, line, null)).settled = line;
      return;
    case "send":
      push(
        line.name.startsWith("chat.") ? room.sends : room.orders.sends,
        commandKey(line.person, line.payload.id),
        line,
      );
      return;
    case "ack":
      (isOrder(room, line) ? room.orders : room).acks.push(line);
      return;
    case "refused":
      (isOrder(room, line) ? room.orders : room).refusals.push(line);
      return;
    case "read":
      room.reads.push(line);
      return;
    case "readAck":
      room.readAcks.push(line);
      return;
    case "baseline":
      room.baseline = line.seq;
      return;
    case "row":
      room.rows.push(line);
      return;
    case "command":
      room.commands.push(line);
      return;
    case "stored":
      room.stored.push(line);
      room.storedAt.set(line.event.seq, line);
      push(room.storedAs, commandKey(line.event.from, line.event.id), line);
      return;
    case "cursor":
      room.finalCursors.set(line.person, line.seq);
      return;
    case "claim":
      room.claims.push(line);
      return;
    case "step":
      room.steps.push(line);
      return;
    case "place":
      room.places.push(line);
      return;
    case "board":
      room.boards.push(line);
      return;
    case "socket":
      room.sockets.push(line);
      return;
    case "note":
    case "answered":
    case "live":
      return;
  }
}

/** A client's answer follows its request. */
function isOrder({ orders }: RoomHistory, { person, id }: Of<"ack"> | Of<"refused">): boolean {
  return orders.sends.has(commandKey(person, id));
}

interface Viewer {
  readonly client: string;
  readonly person: string;
  readonly room: string;
}

const viewKey = ({ client, room }: Viewer): string => `${room} ${client}`;

function openView(room: RoomHistory, open: Map<string, View>, viewer: Viewer, after: number | null): View {
  const { client, person } = viewer;
  const view: View = { client, person, after, events: [], states: [], settled: null };
  open.set(viewKey(viewer), view);
  room.views.push(view);
  return view;
}

function push<V>(map: Map<string, V[]>, key: string, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
