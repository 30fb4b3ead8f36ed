import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clockOffset, countdown, spanOf } from "./spans.ts";

describe("spans", () => {
  it("are whole hours and minutes", () => {
    expect(spanOf(59_999)).toEqual({ hours: 0, minutes: 0 });
    expect(spanOf(65 * 60_000)).toEqual({ hours: 1, minutes: 5 });
    expect(spanOf(-5_000)).toEqual({ hours: 0, minutes: 0 });
  });

  it("count down to the end and no further", () => {
    expect(countdown(120_000)).toBe("2:00");
    expect(countdown(61_001)).toBe("1:02");
    expect(countdown(1)).toBe("0:01");
    expect(countdown(-9)).toBe("0:00");
  });
});

describe("the server's clock", () => {
  it("is known as well as the answers allow", () => {
    const ms = fc.integer({ min: -10_000_000, max: 10_000_000 });
    const delay = fc.nat(5_000);
    fc.assert(
      fc.property(ms, fc.array(fc.tuple(delay, delay), { minLength: 1 }), (offset, trips) => {
        let known = 0;
        let now = 1_700_000_000_000;
        for (const [there, back] of trips) {
          const sent = now;
          now += there + back;
          known = clockOffset(known, sent + there + offset, sent, now);
        }
        const longest = Math.max(...trips.map(([there, back]) => there + back));
        expect(Math.abs(known - offset)).toBeLessThanOrEqual(longest);
      }),
    );
  });

  it("stays where an answer says nothing new", () => {
    expect(clockOffset(40, 1_050, 1_000, 1_100)).toBe(40);
    expect(clockOffset(40, 5_000, 1_100, 1_000)).toBe(40);
  });
});
