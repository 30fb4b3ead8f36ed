import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { edgeSpeed, rowsWindow, scrollTo } from "./rows-window.ts";

const scrolled = fc.record({
  top: fc.nat(200_000),
  height: fc.integer({ min: 1, max: 2_000 }),
  row: fc.integer({ min: 40, max: 200 }),
  count: fc.nat(2_000),
});

describe("the rows that are there", () => {
  it("are all that can be seen, and few more", () => {
    fc.assert(
      fc.property(scrolled, (at) => {
        const { from, to } = rowsWindow(at);
        const seen = (i: number) => i * at.row < at.top + at.height && (i + 1) * at.row > at.top;
        for (let i = 0; i < at.count; i += 1) if (seen(i)) expect(i >= from && i < to).toBe(true);
        expect(to - from).toBeLessThanOrEqual(at.height / at.row + 18);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(at.count);
      }),
    );
  });

  it("come into view by the shortest way", () => {
    const at = { top: 500, height: 300, row: 100, count: 50 };
    expect(scrollTo(at, 6)).toBe(500);
    expect(scrollTo(at, 2)).toBe(200);
    expect(scrollTo(at, 9)).toBe(700);
  });

  it("run when something is held at an edge, the faster the closer", () => {
    expect(edgeSpeed(300, 600)).toBe(0);
    expect(edgeSpeed(10, 600)).toBeLessThan(edgeSpeed(60, 600));
    expect(edgeSpeed(60, 600)).toBeLessThan(0);
    expect(edgeSpeed(590, 600)).toBeGreaterThan(0);
    expect(edgeSpeed(9_000, 600)).toBeLessThan(30);
  });
});
