import type { Line, Of, SeenEvent } from "./history.ts";
import type { ViolationType } from "./violation.ts";

/** Spoils a correct history in one place; null: this history has no such place. `choice` says which place. */
export interface Mutation {
  readonly name: string;
  /** The fault must be reported as one of these. */
  readonly as: readonly ViolationType[];
  spoil(lines: readonly Line[], choice: number): Line[] | null;
}

type Place<Op extends Line["op"]> = { readonly line: Of<Op>; readonly at: number };

function places<Op extends Line["op"]>(
  lines: readonly Line[],
  op: Op,
  fits: (line: Of<Op>) => boolean = () => true,
): Place<Op>[] {
  const is = (line: Line): line is Of<Op> => line.op === op;
  return lines.flatMap((line, at) => (is(line) && fits(line) ? { line, at } : []));
}

/** Replaces one line of the kind by others: none to drop it. */
function at<Op extends Line["op"]>(
  op: Op,
  change: (line: Of<Op>, lines: readonly Line[]) => readonly Line[],
  fits?: (line: Of<Op>, lines: readonly Line[]) => boolean,
): Mutation["spoil"] {
  return (lines, choice) => {
    const found = places(lines, op, (line) => fits?.(line, lines) ?? true);
    const place = found[choice % (found.length || 1)];
    return place ? lines.toSpliced(place.at, 1, ...change(place.line, lines)) : null;
  };
}

const withEvent = <L extends Of<"event"> | Of<"stored">>(line: L, fields: Partial<SeenEvent>): L => ({
  ...line,
  event: { ...line.event, ...fields },
});
const hasBody = ({ event }: { event: SeenEvent }): boolean => typeof event.body === "string";
const isAcked = ({ event }: Of<"stored">, lines: readonly Line[]): boolean =>
  lines.some((line) => line.op === "ack" && line.id === event.id);
const fresh = { type: "chat.message", id: "never-sent", from: "ann", body: "boo", prev: 0, at: 0 };
const lastSeq = (lines: readonly Line[]): number =>
  Math.max(0, ...places(lines, "row").map(({ line }) => line.seq));

/** Swaps an event with the next one that the same client was shown. */
function swapShown(lines: readonly Line[], choice: number): Line[] | null {
  const pairs = places(lines, "event").flatMap((first, index, all) => {
    const second = all.slice(index + 1).find(({ line }) => line.client === first.line.client);
    return second ? { first, second } : [];
  });
  const pair = pairs[choice % (pairs.length || 1)];
  if (!pair) return null;
  return lines.with(pair.first.at, pair.second.line).with(pair.second.at, pair.first.line);
}

/** Swaps the places of two neighbours in the store: journal and history agree, the members saw otherwise. */
function swapStored(lines: readonly Line[], choice: number): Line[] | null {
  const stored = places(lines, "stored");
  const index = choice % (stored.length - 1 || 1);
  const [first, second] = [stored[index], stored[index + 1]];
  if (!first || !second) return null;
  return lines
    .with(first.at, withEvent(second.line, { seq: first.line.event.seq }))
    .with(second.at, withEvent(first.line, { seq: second.line.event.seq }));
}

/** An event that the client was shown between two others. */
function dropShown(lines: readonly Line[], choice: number): Line[] | null {
  return drop(lines, choice, (client, before, after) => before.has(client) && after.has(client));
}

/** The last of several events that a client was shown, of one that stayed to the end. */
function dropLast(lines: readonly Line[], choice: number): Line[] | null {
  const settled = new Set(places(lines, "settled").map(({ line }) => line.client));
  return drop(lines, choice, (c, before, after) => settled.has(c) && before.has(c) && !after.has(c));
}

type Clients = ReadonlySet<string>;

/** Drops an event by its client, and the clients that were shown something before and after it. */
function drop(
  lines: readonly Line[],
  choice: number,
  fits: (client: string, before: Clients, after: Clients) => boolean,
): Line[] | null {
  const shown = places(lines, "event");
  const clients = shown.map(({ line }) => line.client);
  const fitting = shown.filter(({ line }, index) =>
    fits(line.client, new Set(clients.slice(0, index)), new Set(clients.slice(index + 1))),
  );
  const place = fitting[choice % (fitting.length || 1)];
  return place ? lines.toSpliced(place.at, 1) : null;
}

export const mutations: readonly Mutation[] = [
  { name: "a stored message disappears", as: ["lost"], spoil: at("stored", () => [], isAcked) },
  {
    name: "a stored message and its row disappear",
    as: ["lost", "gap"],
    spoil: (lines, choice) => {
      const dropped = at("stored", () => [], isAcked)(lines, choice);
      const gone = places(lines, "stored").find(({ line }) => !dropped?.includes(line));
      return dropped && gone ? dropped.filter((l) => l.op !== "row" || l.seq !== gone.line.event.seq) : null;
    },
  },
  {
    name: "a row of the journal disappears",
    as: ["gap", "invented"],
    spoil: at(
      "row",
      () => [],
      ({ seq }, lines) => seq < lastSeq(lines),
    ),
  },
  {
    name: "a message is stored twice",
    as: ["duplicated"],
    spoil: at("stored", (line, lines) => [line, withEvent(line, { seq: lastSeq(lines) + 1 })]),
  },
  {
    name: "a command is acknowledged at two places",
    as: ["duplicated"],
    spoil: at("ack", (line) => [line, { ...line, seq: line.seq + 1 }]),
  },
  {
    name: "a repeat would not be recognised",
    as: ["duplicated"],
    // A store without any such line keeps none of them, and then there is nothing to compare.
    spoil: at(
      "command",
      () => [],
      (_, lines) => places(lines, "command").length > 1,
    ),
  },
  {
    name: "an acknowledgement names another place",
    as: ["reordered"],
    spoil: at("ack", (line) => [{ ...line, seq: line.seq + 1 }]),
  },
  { name: "a view is shown in another order", as: ["reordered"], spoil: swapShown },
  { name: "a view is shown an event twice", as: ["reordered"], spoil: at("event", (line) => [line, line]) },
  { name: "the store has another order", as: ["reordered", "seenBeforeCommit"], spoil: swapStored },
  {
    name: "the feed has another order than the room",
    as: ["reordered"],
    spoil: at(
      "row",
      (line) => [{ ...line, tx: "1" }],
      ({ seq }) => seq > 1,
    ),
  },
  {
    name: "a stored body is altered",
    as: ["invented"],
    spoil: at("stored", (line) => [withEvent(line, { body: "altered" })], hasBody),
  },
  {
    name: "a shown body is altered",
    as: ["invented"],
    spoil: at("event", (line) => [withEvent(line, { body: "altered" })], hasBody),
  },
  {
    name: "a shown event comes from another person",
    as: ["invented"],
    spoil: at("event", (line) => [withEvent(line, { from: line.event.from === "ann" ? "ben" : "ann" })]),
  },
  {
    name: "a message is stored that nobody sent",
    as: ["invented"],
    spoil: at("stored", (line, lines) => [line, withEvent(line, { ...fresh, seq: lastSeq(lines) + 1 })]),
  },
  {
    name: "a message is shown that nobody sent",
    as: ["invented"],
    spoil: at("event", (line, lines) => [line, withEvent(line, { ...fresh, seq: lastSeq(lines) + 1 })]),
  },
  {
    name: "a refused message is stored",
    as: ["invented"],
    spoil: at("ack", ({ seq: _, ...line }) => [{ ...line, op: "refused", code: "forbidden" }]),
  },
  {
    name: "a message is shown at a place where it is not stored",
    as: ["seenBeforeCommit"],
    spoil: at("event", (line, lines) => [withEvent(line, { seq: lastSeq(lines) + 1 })]),
  },
  {
    name: "the shown end is beyond the stored one",
    as: ["seenBeforeCommit"],
    spoil: at("state", (line, lines) => [{ ...line, lastSeq: lastSeq(lines) + 1 }]),
  },
  { name: "a view misses an event between two", as: ["gap"], spoil: dropShown },
  {
    name: "a view ends before the room does",
    as: ["gap"],
    spoil: dropLast,
  },
  {
    name: "a cursor goes back in a view",
    as: ["receiptsRegressed"],
    spoil: at(
      "state",
      (line) => [
        line,
        { ...line, cursors: Object.fromEntries(Object.keys(line.cursors ?? {}).map((p) => [p, 0])) },
      ],
      ({ cursors }) => Object.keys(cursors ?? {}).length > 0,
    ),
  },
  {
    name: "a cursor is lost in the end",
    as: ["receiptsRegressed"],
    spoil: at("cursor", (line) => [{ ...line, seq: line.seq - 1 }]),
  },
  {
    name: "a cursor passes the last message",
    as: ["receiptsRegressed"],
    spoil: at("state", (line, lines) => [{ ...line, cursors: { ...line.cursors, ann: lastSeq(lines) + 1 } }]),
  },
  {
    name: "a cursor moves that nobody moved",
    as: ["receiptsRegressed"],
    spoil: at(
      "state",
      (line) => [{ ...line, cursors: { dan: 2 } }],
      (_, lines) => places(lines, "stored").length > 0,
    ),
  },
  {
    name: "a replaced owner writes on",
    as: ["splitBrain"],
    spoil: at(
      "row",
      (line) => [{ ...line, epoch: 0 }],
      ({ seq }) => seq > 1,
    ),
  },
];
