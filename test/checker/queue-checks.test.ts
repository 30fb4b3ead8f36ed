import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check, report } from "./check.ts";
import { gaps } from "./check-connections.ts";
import { correctQueueHistory } from "./generate-queue.ts";
import type { Line, Of } from "./history.ts";
import type { ViolationType } from "./violation.ts";

interface Spoiling {
  readonly name: string;
  readonly as: readonly ViolationType[];
  spoil(lines: readonly Line[], choice: number): Line[] | null;
}

/** Replaces one line of the kind by others: none to drop it. */
function at<Op extends Line["op"]>(
  op: Op,
  change: (line: Of<Op>, lines: readonly Line[]) => readonly Line[],
  fits: (line: Of<Op>, lines: readonly Line[]) => boolean = () => true,
): Spoiling["spoil"] {
  const is = (line: Line): line is Of<Op> => line.op === op;
  return (lines, choice) => {
    const places = lines.flatMap((line, n) => (is(line) && fits(line, lines) ? [{ line, n }] : []));
    const place = places[choice % (places.length || 1)];
    return place ? lines.toSpliced(place.n, 1, ...change(place.line, lines)) : null;
  };
}

const isRecorded = ({ id }: Of<"ack">, lines: readonly Line[]) =>
  lines.some((line) => line.op === "command" && line.id === id);
const nameOf = (id: string, lines: readonly Line[]) =>
  lines.find((line) => line.op === "send" && line.payload.id === id);

const spoilings: readonly Spoiling[] = [
  {
    name: "a command is acknowledged at two places",
    as: ["duplicated"],
    spoil: at("ack", (line) => [line, { ...line, seq: line.seq + 1 }]),
  },
  {
    name: "an acknowledgement names another place",
    as: ["reordered"],
    spoil: at("ack", (line) => [{ ...line, seq: line.seq + 1 }], isRecorded),
  },
  {
    name: "what was acknowledged is not in the journal",
    as: ["lost"],
    spoil: at(
      "command",
      () => [],
      ({ id }, lines) =>
        nameOf(id, lines)?.op === "send" && JSON.stringify(nameOf(id, lines)).includes("notify"),
    ),
  },
  {
    name: "what was refused is in the journal",
    as: ["invented"],
    spoil: at("ack", ({ seq: _, ...line }) => [{ ...line, op: "refused", code: "entry_taken" }], isRecorded),
  },
  {
    name: "the journal has a command that nobody sent",
    as: ["invented"],
    spoil: at("command", (line) => [line, { ...line, id: "never-sent" }]),
  },
  {
    name: "a patient is told another place",
    as: ["placeLost"],
    spoil: at("place", (line) => [{ ...line, place: (line.place ?? 0) + 1 }]),
  },
  {
    name: "a patient who waits is told that they have no place",
    as: ["placeLost"],
    spoil: at(
      "place",
      (line) => [{ ...line, status: "none", place: null }],
      ({ place }) => place !== null,
    ),
  },
  {
    name: "a patient is told of what never came to be",
    as: ["seenBeforeCommit"],
    spoil: at("place", (line) => [{ ...line, seq: line.seq + 1_000 }]),
  },
  {
    name: "a patient is not told what became of their place",
    as: ["placeLost"],
    spoil: (lines, choice) => {
      const told = lines.filter((line) => line.op === "place");
      const people = [...new Set(told.map(({ person }) => person))];
      const person = people[choice % people.length];
      const last = told.findLast((line) => line.person === person);
      const other = told.findLast((line) => line.person === person && line.place !== last?.place);
      return last && other
        ? lines.filter((line) => line !== last && !after(lines, other, line, person))
        : null;
    },
  },
  {
    name: "the staff are shown another order",
    as: ["placeLost"],
    spoil: at(
      "board",
      (line) => [{ ...line, entries: line.entries.toReversed() }],
      ({ entries }) => entries.length > 1,
    ),
  },
  {
    name: "a place vanishes from the journal",
    as: ["placeLost"],
    spoil: at(
      "step",
      ({ recorded, ...line }) => [{ ...line, recorded: { ...recorded, event: gone(recorded) } }],
      joins,
    ),
  },
  {
    name: "a replaced owner writes on",
    as: ["splitBrain"],
    spoil: (lines) => {
      const claim = lines.findLast((line) => line.op === "claim");
      const row = lines.findLast((line) => line.op === "row");
      if (!claim || claim.epoch === 1 || !row || row.seq < claim.nextSeq) return null;
      return lines.map((line) => (line === row ? { ...row, epoch: row.epoch - 1 } : line));
    },
  },
];

/** Whether the person was told it later than that. */
function after(lines: readonly Line[], other: Line, line: Line, person: string | undefined): boolean {
  return line.op === "place" && line.person === person && lines.indexOf(line) > lines.indexOf(other);
}

function joins({ recorded }: Of<"step">): boolean {
  return recorded.event.type === "queue.joined";
}

function gone({ event }: Of<"step">["recorded"]) {
  return { type: "queue.notified", entry: null, body: String(event.type) };
}

describe("of a queue the checker", () => {
  test("finds nothing in a correct history", () => {
    fc.assert(
      fc.property(correctQueueHistory, (lines) => {
        expect(report(check(lines))).toBe("nothing is wrong");
      }),
      { numRuns: 60 },
    );
  });

  test.each(spoilings)("finds that $name", ({ as, spoil }) => {
    let spoilt = 0;
    fc.assert(
      fc.property(correctQueueHistory, fc.nat(), (lines, choice) => {
        const mutated = spoil(lines, choice);
        if (!mutated) return;
        spoilt += 1;
        const types = check(mutated).map(({ type }) => type);
        expect(types.filter((type) => as.includes(type))).not.toEqual([]);
      }),
      { numRuns: 40 },
    );
    expect(spoilt).toBeGreaterThan(5);
  });
});

describe("of connections the checker", () => {
  const viewer = { client: "ann", person: "ann", room: "chat:r", address: "a:1", socket: 1 };
  const socket = (t: number, what: Of<"socket">["what"], more: Partial<Of<"socket">> = {}): Line => ({
    t,
    ...viewer,
    op: "socket",
    what,
    ...more,
  });
  const lost = (t: number, more: Partial<Of<"socket">> = {}) =>
    socket(t, "closed", { code: 1006, by: "server", ...more });
  const live: Line = { t: 2, client: "ann", person: "ann", room: "chat:r", op: "live" };
  const begun = [socket(0, "opened"), socket(1, "seated"), live];
  const types = (lines: readonly Line[]) => check(lines).map(({ type }) => type);
  const killed: Line = { op: "fault", t: 1_000, until: 2_000, text: "killed", on: ["a:1"] };

  test("finds one that ended without a reason, and names it", () => {
    const found = check([...begun, lost(5_000)]);
    expect(found.map(({ type }) => type)).toEqual(["abnormalClose"]);
    expect(found[0]?.what).toBe("ann lost its connection to a:1 (1006, by server)");
  });

  test("takes a kill for a reason, of that process and at that time", () => {
    expect(types([killed, ...begun, lost(1_001)])).toEqual([]);
    expect(types([killed, ...begun, lost(999)])).toEqual(["abnormalClose"]);
    expect(types([killed, ...begun, lost(60_000)])).toEqual(["abnormalClose"]);
    expect(types([{ ...killed, on: ["b:1"] }, ...begun, lost(1_001)])).toEqual(["abnormalClose"]);
    expect(types([{ ...killed, on: [] }, ...begun, lost(1_001)])).toEqual(["abnormalClose"]);
  });

  test("finds a client that gave its server up, but not one that was done or had moved", () => {
    expect(types([...begun, lost(5_000, { by: "client" })])).toEqual(["abnormalClose"]);
    expect(types([...begun, lost(5_000, { by: "done" })])).toEqual([]);
    expect(types([...begun, lost(5_000, { by: "run" })])).toEqual([]);
    expect(types([...begun, socket(4_000, "moved"), lost(5_000, { by: "client" })])).toEqual([]);
    // It never had a seat, or never got to use it.
    expect(types([socket(0, "opened"), lost(5_000)])).toEqual([]);
    expect(types([socket(0, "opened"), socket(1, "seated"), lost(5_000, { by: "client" })])).toEqual([]);
  });

  test("measures how long each client was without its room", () => {
    const ack: Line = { t: 5_300, client: "ann", person: "ann", room: "chat:r", op: "ack", id: "a1", seq: 1 };
    expect(gaps([...begun, lost(5_000), ack, { ...ack, t: 9_000 }])).toEqual([300]);
    expect(gaps([...begun, socket(5_000, "moved"), lost(5_010, { by: "client" }), ack])).toEqual([300]);
    expect(gaps([...begun, lost(5_000, { by: "done" }), ack])).toEqual([]);
    expect(gaps([...begun, lost(5_000), { ...ack, client: "ben" }])).toEqual([]);
  });
});
