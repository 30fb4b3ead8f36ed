import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Timeline } from "./timeline.ts";

interface Event {
  readonly seq: number;
  readonly prev: number;
}

/** A server's order: seqs rise, and some are taken by what is not delivered. */
const order = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 40 }).map((steps) => {
  const events: Event[] = [];
  for (const step of steps) {
    const prev = events.at(-1)?.seq ?? 0;
    events.push({ seq: prev + step, prev });
  }
  return events;
});

/** What may reach a client: frames of any events, in any order, repeated or never; and resumes. */
const deliveries = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("frame" as const), picks: fc.array(fc.nat(39), { maxLength: 5 }) }),
    fc.record({ kind: fc.constant("resume" as const), limit: fc.integer({ min: 1, max: 10 }) }),
    fc.record({ kind: fc.constant("begin" as const), at: fc.nat(39) }),
  ),
  { maxLength: 40 },
);

describe("a timeline", () => {
  test("gives out the server's order, each event once, however events come", () => {
    fc.assert(
      fc.property(order, deliveries, fc.nat(39), (events, steps, startAt) => {
        const timeline = new Timeline<Event>();
        const out: Event[] = [];
        const base = events[startAt % events.length]?.prev ?? 0;
        const resume = (limit: number) =>
          out.push(...timeline.accept(events.filter(({ seq }) => seq > timeline.lastSeq).slice(0, limit)));
        for (const step of steps) {
          if (step.kind === "begin" && !timeline.begun) out.push(...timeline.begin(base));
          if (step.kind === "frame") {
            const frame = step.picks.flatMap((pick) => events[pick] ?? []);
            out.push(...timeline.accept(frame));
          }
          if (step.kind === "resume" && timeline.begun) resume(step.limit);
          const expected = events.filter(({ seq }) => seq > base).slice(0, out.length);
          expect(out).toEqual(expected);
          expect(timeline.lastSeq).toBe(out.at(-1)?.seq ?? (timeline.begun ? base : 0));
        }
        if (!timeline.begun) out.push(...timeline.begin(base));
        resume(events.length);
        expect(out).toEqual(events.filter(({ seq }) => seq > base));
        expect(timeline.gap).toBe(false);
      }),
    );
  });

  test("knows a gap from a seq that was never delivered", () => {
    const timeline = new Timeline<Event>();
    timeline.begin(3);
    expect(timeline.accept([{ seq: 7, prev: 3 }])).toEqual([{ seq: 7, prev: 3 }]);
    expect(timeline.gap).toBe(false);
    expect(timeline.accept([{ seq: 9, prev: 8 }])).toEqual([]);
    expect(timeline.gap).toBe(true);
    expect(timeline.accept([{ seq: 8, prev: 7 }]).map(({ seq }) => seq)).toEqual([8, 9]);
    expect(timeline.gap).toBe(false);
  });

  test("holds no more than it can use", () => {
    const timeline = new Timeline<Event>();
    timeline.begin(0);
    for (let seq = 2; seq <= 3_000; seq += 1) timeline.accept([{ seq, prev: seq - 1 }]);
    expect(timeline.accept([{ seq: 1, prev: 0 }])).toHaveLength(1_001);
  });
});
