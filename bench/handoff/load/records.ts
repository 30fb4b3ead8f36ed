/**
 * What a crowd did and saw. Times are milliseconds since the epoch with fractions; NaN: never. Members are
 * numbered room by room, and so are the cells of a message: one a member.
 */
export interface Records {
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** When message 0 was due. */
  readonly startedAt: number;
  /** Milliseconds from one message to the next; rooms take turns, and in each room its members. */
  readonly everyMs: number;
  /** By message: when its sender was told that it is durable. */
  readonly acknowledgedAt: Float64Array;
  /** By message and member of its room: when they had it. */
  readonly receivedAt: Float64Array;
  /** By member: when they were first told that the room has moved; when they were last seated anew. */
  readonly toldAt: Float64Array;
  readonly seatedAt: Float64Array;
  /** By room: when a command that was first sent after the mark was first acknowledged. */
  readonly answeredAt: Float64Array;
  /** How late the schedule itself was, by message; milliseconds. */
  readonly lateness: Float64Array;
  /** Messages beside the schedule, by which whoever has rejoined finds out whether the room answers. */
  readonly probes: number;
  readonly counts: Counts;
  /** Connections that were lost, and the codes they ended with. */
  readonly losses: readonly { readonly at: number; readonly code: number }[];
  /** What must not be; the first few in words. */
  readonly faults: { readonly count: number; readonly examples: readonly string[] };
}

export interface Counts {
  readonly repeats: number;
  readonly resumes: number;
  readonly retries: number;
  readonly moved: number;
  readonly rejoined: number;
}

/** Milliseconds since the epoch, the same in every process of this machine. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

export function roomOf(message: number, { rooms }: Pick<Records, "rooms">): number {
  return message % rooms;
}

/** Place in its room of whoever sends the message. */
export function senderOf(
  message: number,
  { rooms, membersPerRoom }: Pick<Records, "rooms" | "membersPerRoom">,
): number {
  return Math.floor(message / rooms) % membersPerRoom;
}
