import type { Line } from "./history.ts";
import type { RoomHistory } from "./room-history.ts";

export const violationTypes = [
  /** Acknowledged, but not stored. */
  "lost",
  /** Stored twice, or acknowledged as two. */
  "duplicated",
  /** Stored or delivered, but never sent, or not as it was sent. */
  "invented",
  /** Shown in another order than the stored one; acknowledged at another place; stored against real time. */
  "reordered",
  /** A hole in the journal or in what a member was shown. */
  "gap",
  /** A read cursor went back, passed the last message, or was never asked for. */
  "receiptsRegressed",
  /** Shown to someone, but never stored in that place. */
  "seenBeforeCommit",
  /** Written by an owner that had been replaced. */
  "splitBrain",
  /** A patient who waits is in no room, in two, or is told a place that the queue does not give them. */
  "placeLost",
  /** A connection ended that nobody had killed, frozen or cut off. */
  "abnormalClose",
] as const;
export type ViolationType = (typeof violationTypes)[number];

/** Refusals after which the same id may still be accepted, or was already. */
export const undecided: readonly string[] = [
  "busy",
  "rate_limited",
  "unavailable",
  "room_closed",
  "internal",
  "session_ended",
];

export interface Violation {
  readonly type: ViolationType;
  readonly room: string;
  /** One sentence: what should not be. */
  readonly what: string;
  /** The few lines of the history that show it, oldest first; what is stored comes last. */
  readonly story: readonly string[];
}

/** Builds a violation. Its story also names the first faults that fell between the lines it is told by. */
export function violation(
  room: RoomHistory,
  type: ViolationType,
  what: string,
  told: readonly (Line | undefined)[],
): Violation {
  const lines = told.filter((line) => line !== undefined);
  const times = lines.map(timeOf).filter(Number.isFinite);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const faults = room.faults.filter(({ t }) => t >= first && t <= last).slice(0, 3);
  const story = [...lines, ...faults].sort((a, b) => timeOf(a) - timeOf(b) || 0);
  return { type, room: room.room, what, story: story.map((line) => describe(line, room.start)) };
}

function timeOf(line: Line): number {
  return "t" in line ? line.t : Number.POSITIVE_INFINITY;
}

function describe(line: Line, start: number): string {
  const when = "t" in line ? `+${((line.t - start) / 1000).toFixed(3)}s` : "at the end";
  return `${when} ${wording(line)}`;
}

function wording(line: Line): string {
  switch (line.op) {
    case "fault":
      return `FAULT ${line.text}`;
    case "baseline":
      return `the room began filled up to ${line.seq}`;
    case "row":
      return `the journal has ${line.seq} ${line.type} by ${line.by}, epoch ${line.epoch}, tx ${line.tx}/${line.position}`;
    case "command":
      return `the journal knows ${line.id} of ${line.by} at ${line.firstSeq}–${line.lastSeq}`;
    case "stored":
      return `history gives ${show(line.event)}`;
    case "cursor":
      return `${line.person} has read up to ${line.seq}`;
    case "event":
      return `${line.client} is shown ${show(line.event)}`;
    case "state":
      return `${line.client} is shown lastSeq ${line.lastSeq ?? "–"}, cursors ${JSON.stringify(line.cursors ?? {})}`;
    case "send":
      return `${line.client} sends ${line.name} ${clip(JSON.stringify(line.payload))}`;
    case "opened":
      return `${line.client} opens the room after ${line.after ?? "nothing"}`;
    case "ack":
      return `${line.client} is told: ${line.id} is at ${line.seq}`;
    case "refused":
      return `${line.client} is told: ${line.id} is refused, ${line.code}`;
    case "read":
    case "readAck":
      return `${line.client} ${line.op === "read" ? "reads up to" : "is told that it read up to"} ${line.seq}`;
    case "settled":
      return `${line.client} has settled`;
    case "note":
      return `${line.client} ${line.text}`;
    case "answered":
      return `${line.client} is answered ${line.name}`;
    case "live":
      return `${line.client} is live`;
    case "place":
      return `${line.client} is told: ${line.status}, place ${line.place ?? "none"}, as of ${line.seq}`;
    case "board":
      return `${line.client} is shown ${line.entries.map(({ patient, status }) => `${patient} ${status}`).join(", ")}`;
    case "socket":
      return `${line.client}: socket ${line.socket} to ${line.address} ${line.what}${line.by ? ` (${line.code}) by ${line.by}` : ""}`;
    case "claim":
      return `${line.address} has the room under epoch ${line.epoch}, from ${line.nextSeq} on`;
    case "step":
      return `the journal has ${line.recorded.seq} ${clip(JSON.stringify(line.recorded.event), 160)}`;
  }
}

function show({ seq, type, id, from, body }: { [field: string]: unknown }): string {
  return `${seq} ${type} ${id} from ${from}${body === undefined ? "" : ` ${clip(JSON.stringify(body))}`}`;
}

function clip(text: string, limit = 60): string {
  return text.length > limit ? `${text.slice(0, limit - 3)}…` : text;
}
