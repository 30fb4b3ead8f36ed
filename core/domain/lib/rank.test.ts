import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rankAt, rankBetween } from "./rank.ts";

const form = /^[0-9a-z]{8}([0-9a-z]*[1-9a-z])?$/;

/** Ranks of a list into which one is put at each of these places in turn. */
function inserted(places: readonly number[], start: readonly string[] = []): string[] {
  const ranks = [...start];
  for (const place of places) {
    const at = place % (ranks.length + 1);
    const rank = rankBetween(ranks[at - 1] ?? null, ranks[at] ?? null);
    ranks.splice(at, 0, rank);
  }
  return ranks;
}

function expectStrictlyOrdered(ranks: readonly string[]): void {
  for (const [i, rank] of ranks.entries()) {
    expect(rank).toMatch(form);
    if (i > 0) expect(rank > (ranks[i - 1] ?? "")).toBe(true);
  }
}

function longest(ranks: readonly string[]): number {
  return Math.max(...ranks.map((rank) => rank.length));
}

describe("a rank", () => {
  it("of an arrival has eight digits and follows those of earlier arrivals", () => {
    expect([1, 35, 36, 36 ** 8 - 1].map(rankAt)).toEqual(["00000001", "0000000z", "00000010", "zzzzzzzz"]);
    const n = fc.integer({ min: 1, max: 36 ** 8 - 1 });
    fc.assert(fc.property(n, n, (a, b) => rankAt(a) < rankAt(b) === a < b));
  });

  it("keeps thousands of insertions anywhere in strict order", () => {
    const places = fc.array(fc.nat(), { minLength: 2000, maxLength: 3000 });
    const arrivals = fc.nat({ max: 100 });
    fc.assert(
      fc.property(places, arrivals, (where, count) => {
        const ranks = inserted(
          where,
          Array.from({ length: count }, (_, i) => rankAt(i + 1)),
        );
        expectStrictlyOrdered(ranks);
        expect(longest(ranks)).toBeLessThanOrEqual(24);
      }),
      { numRuns: 10 },
    );
  });

  it("fits between any two, whichever they are", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 2, maxLength: 60 }), fc.nat(), (places, which) => {
        const ranks = inserted(places, [rankAt(1), rankAt(2), rankAt(1000), rankAt(36 ** 7)]);
        const at = which % (ranks.length - 1);
        const [low = "", high = ""] = ranks.slice(at);
        expectStrictlyOrdered([low, rankBetween(low, high), high]);
      }),
    );
  });

  it("grows by a digit per five insertions when the same gap is halved over and over", () => {
    const rounds = 1000;
    const bound = 8 + 1 + Math.ceil(rounds / 5);
    let [low, high] = [rankAt(1), rankAt(2)];
    for (let i = 0; i < rounds; i += 1) low = rankBetween(low, high);
    expect(low.length).toBeLessThanOrEqual(bound);
    low = rankAt(1);
    for (let i = 0; i < rounds; i += 1) {
      const next = rankBetween(low, high);
      expect(low < next && next < high).toBe(true);
      high = next;
    }
    expect(high.length).toBeLessThanOrEqual(bound);
    let front = rankAt(1);
    for (let i = 0; i < rounds; i += 1) {
      const next = rankBetween(null, front);
      expect(next < front).toBe(true);
      front = next;
    }
    expect(front.length).toBeLessThanOrEqual(bound);
    expect(front).toMatch(form);
  });

  it("grows slower still at the end, and stays before the next arrival", () => {
    let last = rankAt(35);
    for (let i = 0; i < 350; i += 1) {
      const next = rankBetween(last, null);
      expect(next > last && next < rankAt(36)).toBe(true);
      last = next;
    }
    expect(last).toHaveLength(18);
    expect(rankBetween("zzzzzzzz", null) > "zzzzzzzz").toBe(true);
  });

  it("between others is never an arrival's own", () => {
    const n = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(n, n, (a, b) => {
        fc.pre(a < b);
        for (const before of [null, rankAt(a)]) {
          expect(rankBetween(before, rankAt(b)).length).toBeGreaterThan(8);
        }
        expect(rankBetween(rankAt(a), null).length).toBeGreaterThan(8);
      }),
    );
  });

  it("is refused where there can be none", () => {
    for (const n of [0, -1, 1.5, Number.NaN, 36 ** 8]) expect(() => rankAt(n)).toThrow(RangeError);
    const [one, two] = [rankAt(1), rankAt(2)];
    expect(() => rankBetween(one, one)).toThrow(RangeError);
    expect(() => rankBetween(two, one)).toThrow(RangeError);
    expect(() => rankBetween(null, "00000000")).toThrow(RangeError);
    for (const bad of ["", "1", "0000000A", "000000010", "00000001\n"]) {
      expect(() => rankBetween(bad, null)).toThrow(RangeError);
      expect(() => rankBetween(null, bad)).toThrow(RangeError);
    }
  });
});
