import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { samplesOf } from "../../../test/support/exposition.ts";
import { Registry } from "./meters.ts";

describe("metrics", () => {
  it("are written down as Prometheus reads them", () => {
    const registry = new Registry("x_");
    registry.counter("done_total", "What was done.").add(3);
    registry.histogram("time_seconds", "How long.", [0.1, 1]).observe(0.5);
    registry.readings("rooms", "kind", "Rooms.", () => ({ chat: 2 }));
    expect(registry.text()).toBe(
      [
        "# HELP x_done_total What was done.",
        "# TYPE x_done_total counter",
        "x_done_total 3",
        "# HELP x_time_seconds How long.",
        "# TYPE x_time_seconds histogram",
        'x_time_seconds_bucket{le="0.1"} 0',
        'x_time_seconds_bucket{le="1"} 1',
        'x_time_seconds_bucket{le="+Inf"} 1',
        "x_time_seconds_sum 0.5",
        "x_time_seconds_count 1",
        "# HELP x_rooms Rooms.",
        "# TYPE x_rooms gauge",
        'x_rooms{kind="chat"} 2',
        "",
      ].join("\n"),
    );
  });

  it("have every series from the start, so that the first of something shows as a rise", () => {
    const registry = new Registry("");
    const family = registry.counters("c", "C.", { kind: ["chat", "waiting"], outcome: ["good", "bad"] });
    expect([...samplesOf(registry.text()).values()]).toEqual([0, 0, 0, 0]);
    family.of({ outcome: "bad", kind: "chat" }).add();
    expect(samplesOf(registry.text()).get('c{kind="chat",outcome="bad"}')).toBe(1);
    expect(family.of({ kind: "chat", outcome: "bad" })).toBe(family.of({ outcome: "bad", kind: "chat" }));
  });

  it("take no label but those they were made with", () => {
    const family = new Registry("").counters("c", "C.", { kind: ["chat"] });
    const outside: string = "patient-7";
    // @ts-expect-error a label's values are known beforehand
    expect(() => family.of({ kind: outside })).toThrow(/labels/);
  });

  it("leave out what there is nothing to say of", () => {
    const registry = new Registry("");
    let age: number | undefined;
    registry.reading("age", "Age.", () => age);
    registry.readings("parts", "part", "Parts.", () => ({}));
    expect(registry.text()).toBe("");
    age = 0;
    expect(samplesOf(registry.text()).get("age")).toBe(0);
  });

  it("count every observation once, in each bucket that holds it", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 4, noNaN: true })), (values) => {
        const registry = new Registry("");
        const bounds = [0.5, 1, 2];
        const histogram = registry.histogram("h", "H.", bounds);
        for (const value of values) histogram.observe(value);
        const read = samplesOf(registry.text());
        for (const bound of bounds) {
          const within = values.filter((value) => value <= bound).length;
          expect(read.get(`h_bucket{le="${bound}"}`)).toBe(within);
        }
        expect(read.get('h_bucket{le="+Inf"}')).toBe(values.length);
        expect(read.get("h_count")).toBe(values.length);
        expect(read.get("h_sum")).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      }),
    );
  });
});
