import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { waitOf } from "./wait.ts";

const minutes = (n: number) => waitOf(n * 60);

describe("an estimated wait", () => {
  it("is said as roughly as it is known", () => {
    expect(waitOf(null)).toEqual({ kind: "unknown" });
    expect(waitOf(0)).toEqual({ kind: "soon" });
    expect(minutes(4)).toEqual({ kind: "about", minutes: 5 });
    expect(minutes(18)).toEqual({ kind: "about", minutes: 20 });
    expect(minutes(32)).toEqual({ kind: "about", minutes: 30 });
    expect(minutes(45)).toEqual({ kind: "between", from: 40, to: 50 });
    expect(minutes(150)).toEqual({ kind: "between", from: 120, to: 180 });
  });

  it("holds the estimate, whatever it is", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 100_000, noNaN: true }), (seconds) => {
        const wait = waitOf(seconds);
        if (wait.kind === "about") expect(Math.abs(wait.minutes - seconds / 60)).toBeLessThanOrEqual(2.5);
        if (wait.kind !== "between") return;
        expect(wait.from).toBeLessThanOrEqual(seconds / 60);
        expect(wait.to).toBeGreaterThanOrEqual(seconds / 60);
        expect(wait.to).toBeGreaterThan(wait.from);
      }),
    );
  });
});
