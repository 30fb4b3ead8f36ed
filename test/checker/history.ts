import { z } from "zod";

/**
 * What is recorded while a system runs, one JSON object a line. `t` is the recorder's clock in ms; the order
 * of lines counts within one client, between clients only `t` does. `room` is `kind:id`.
 */
const seen = { t: z.number(), client: z.string(), person: z.string(), room: z.string() };

/** A delivered event with all of its fields, as a client got it. */
const event = z.looseObject({ type: z.string(), seq: z.int(), id: z.string(), from: z.string() });

const observations = [
  /** A view begins: the client holds everything up to `after`; null: it begins with what it gets first. */
  z.object({ ...seen, op: z.literal("opened"), after: z.int().nullable() }),
  /** The person wants this; a resend by whatever client software is no new `send`. */
  z.object({ ...seen, op: z.literal("send"), name: z.string(), payload: z.looseObject({ id: z.string() }) }),
  z.object({ ...seen, op: z.literal("ack"), id: z.string(), seq: z.int() }),
  z.object({ ...seen, op: z.literal("refused"), id: z.string(), code: z.string() }),
  z.object({ ...seen, op: z.literal("event"), event }),
  z.object({
    ...seen,
    op: z.literal("state"),
    lastSeq: z.int().optional(),
    cursors: z.record(z.string(), z.int()).optional(),
  }),
  z.object({ ...seen, op: z.literal("read"), seq: z.int() }),
  z.object({ ...seen, op: z.literal("readAck"), seq: z.int() }),
  /** Nothing more is under way: the view must now reach to the end of the room. */
  z.object({ ...seen, op: z.literal("settled") }),
  /** For the story alone. */
  z.object({ ...seen, op: z.literal("note"), text: z.string() }),
  /** The room answered something that changes nothing. */
  z.object({ ...seen, op: z.literal("answered"), name: z.string() }),
  /** The client says that all it shows is current. */
  z.object({ ...seen, op: z.literal("live") }),
  /** What a patient is told of their place in a queue, as of `seq`. null: they have none. */
  z.object({
    ...seen,
    op: z.literal("place"),
    seq: z.int(),
    status: z.string(),
    place: z.int().nullable(),
  }),
  /** The queue as one of its staff is shown it at the end, first to last. */
  z.object({
    ...seen,
    op: z.literal("board"),
    entries: z.array(z.object({ patient: z.string(), status: z.string() })),
  }),
  /**
   * A socket of the client, `host:port` its other end. `moved`: it was told that the room is elsewhere.
   * `closed` has its code and who closed it: `run` is the test itself, `done` the client when it wanted no more.
   */
  z.object({
    ...seen,
    op: z.literal("socket"),
    socket: z.int(),
    what: z.enum(["opened", "seated", "moved", "closed"]),
    address: z.string(),
    code: z.int().optional(),
    by: z.enum(["server", "client", "done", "run"]).optional(),
  }),
  /** Something was done to the system, until then. `on`: the processes that were killed, frozen or cut off. */
  z.object({
    op: z.literal("fault"),
    t: z.number(),
    text: z.string(),
    name: z.string().optional(),
    until: z.number().optional(),
    on: z.array(z.string()).optional(),
  }),
  /** Up to this seq the room was filled before the recording began. */
  z.object({ op: z.literal("baseline"), room: z.string(), seq: z.int() }),
] as const;

const stored = [
  /** A row of the journal's table, as the database has it. */
  z.object({
    op: z.literal("row"),
    room: z.string(),
    seq: z.int(),
    type: z.string(),
    by: z.string(),
    epoch: z.int(),
    /** The feed's order; decimal, may pass 2^53. */
    tx: z.string(),
    position: z.string(),
  }),
  /** A row of the table that recognises repeats. */
  z.object({
    op: z.literal("command"),
    room: z.string(),
    by: z.string(),
    id: z.string(),
    firstSeq: z.int(),
    lastSeq: z.int(),
  }),
  /** An event as a member reads it back from the start of the room, in the order it came. */
  z.object({ op: z.literal("stored"), room: z.string(), event }),
  /** A read cursor as a newcomer is shown it at the end. */
  z.object({ op: z.literal("cursor"), room: z.string(), person: z.string(), seq: z.int() }),
  /** A process became the room's owner: whatever comes from `nextSeq` on is under this epoch or a later one. */
  z.object({
    op: z.literal("claim"),
    room: z.string(),
    t: z.number(),
    epoch: z.int(),
    nextSeq: z.int(),
    process: z.string(),
    address: z.string(),
    /** Who had the room until then; "": nobody had. */
    before: z.string(),
    addressBefore: z.string(),
  }),
  /** An event of a queue or a visit with its text; lines of all rooms are in the feed's order. */
  z.object({
    op: z.literal("step"),
    room: z.string(),
    recorded: z.object({
      seq: z.int(),
      at: z.number(),
      by: z.string(),
      event: z.looseObject({ type: z.string() }),
    }),
  }),
] as const;

const observation = z.discriminatedUnion("op", observations);
const storeLine = z.discriminatedUnion("op", stored);

export type Observation = z.infer<typeof observation>;
export type StoreLine = z.infer<typeof storeLine>;
export type Line = Observation | StoreLine;
export type Of<Op extends Line["op"]> = Extract<Line, { op: Op }>;
export type SeenEvent = z.infer<typeof event>;

const line = z.discriminatedUnion("op", [...observations, ...stored]);

/** Reads recorded lines; throws with the number of the first line that is none. */
export function parseHistory(jsonl: string): Line[] {
  return jsonl.split("\n").flatMap((text, index) => {
    if (text.trim() === "") return [];
    const parsed = line.safeParse(parseJson(text));
    if (!parsed.success) throw new Error(`Line ${index + 1} is no observation: ${parsed.error.message}`);
    return [parsed.data];
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a torn last line of a killed recorder, refused by the schema with its number
  }
}
