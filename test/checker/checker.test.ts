import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { check, report, verdict } from "./check.ts";
import { correctHistory } from "./generate.ts";
import { type Line, parseHistory } from "./history.ts";
import { mutations } from "./mutations.ts";

describe("the checker", () => {
  test("finds nothing in a correct history", () => {
    fc.assert(
      fc.property(correctHistory, (lines) => {
        expect(report(check(lines))).toBe("nothing is wrong");
      }),
      { numRuns: 300 },
    );
  });

  test.each(mutations)("finds that $name", ({ as, spoil }) => {
    let spoilt = 0;
    fc.assert(
      fc.property(correctHistory, fc.nat(), (lines, choice) => {
        const mutated = spoil(lines, choice);
        if (!mutated) return;
        spoilt += 1;
        const types = check(mutated).map(({ type }) => type);
        expect(types.filter((type) => as.includes(type))).not.toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(spoilt).toBeGreaterThan(20);
  });

  test("takes messages that were sent at the same time in either order, but not against real time", () => {
    const told = (ackAt: number): Line[] => [
      send(0, "ann", "a1"),
      { ...seen(ackAt, "ann"), op: "ack", id: "a1", seq: 2 },
      send(100, "ben", "b1"),
      ...store("b1", "ben", 1),
      ...store("a1", "ann", 2),
    ];
    expect(check(told(150))).toEqual([]);
    expect(check(told(50)).map(({ type }) => type)).toEqual(["reordered"]);
  });

  test("does not ask who sent what was there before the recording", () => {
    const lines: Line[] = [...store("old", "ann", 1), { op: "baseline", room: "chat:r", seq: 1 }];
    expect(check(lines)).toEqual([]);
    expect(check(lines.slice(0, -1)).map(({ type }) => type)).toEqual(["invented"]);
  });

  test("takes a refusal that asks to try again as no answer", () => {
    const told = (code: string): Line[] => [
      send(0, "ann", "a1"),
      { ...seen(1, "ann"), op: "refused", id: "a1", code },
      ...store("a1", "ann", 1),
    ];
    expect(check(told("unavailable"))).toEqual([]);
    expect(check(told("forbidden")).map(({ type }) => type)).toEqual(["invented"]);
  });

  test("tells the shortest story, with the fault in it", () => {
    const lines: Line[] = [
      send(1000, "ann", "a1"),
      { ...seen(1020, "ann"), op: "ack", id: "a1", seq: 1 },
      { op: "fault", t: 1010, text: "the server was killed" },
    ];
    const found = check(lines);
    expect(report(found)).toBe(
      [
        "lost × 1, in chat:r: a1 was acknowledged at 1 but is not stored",
        '  +0.000s ann sends chat.send {"id":"a1","body":"text of a1"}',
        "  +0.010s FAULT the server was killed",
        "  +0.020s ann is told: a1 is at 1",
      ].join("\n"),
    );
    expect(verdict(lines, found)).toMatchObject({ acked: 1, lost: 1, duplicated: 0, ok: false });
  });
});

describe("a recorded history", () => {
  test("survives being written down", () => {
    fc.assert(
      fc.property(correctHistory, (lines) => {
        expect(parseHistory(lines.map((line) => JSON.stringify(line)).join("\n"))).toEqual(lines);
      }),
      { numRuns: 20 },
    );
  });

  test.each(["{", "{}", '{"op":"ack","t":1}', '{"op":"unknown"}'])(
    "names the line that is none: %s",
    (bad) => {
      const good = JSON.stringify({ op: "fault", t: 0, text: "x" });
      expect(() => parseHistory(`${good}\n${bad}`)).toThrow(/^Line 2 /);
    },
  );
});

function seen(t: number, person: string) {
  return { t, client: person, person, room: "chat:r" };
}

function send(t: number, person: string, id: string): Line {
  return { ...seen(t, person), op: "send", name: "chat.send", payload: { id, body: `text of ${id}` } };
}

function store(id: string, from: string, seq: number): Line[] {
  const event = { type: "chat.message", seq, prev: 0, id, from, at: 1, body: `text of ${id}` };
  const place = { epoch: 1, tx: String(seq), position: String(seq) };
  return [
    { op: "row", room: "chat:r", seq, type: "chat.message", by: from, ...place },
    { op: "stored", room: "chat:r", event },
  ];
}
