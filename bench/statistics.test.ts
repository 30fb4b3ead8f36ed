import { expect, test } from "vitest";
import { percentile, spread } from "./statistics.ts";

test("a percentile is the least value that so many do not exceed", () => {
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.5, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([1, 50, 99, 100]);
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test("a spread leaves out what was not measured", () => {
  expect(spread([3, Number.NaN, 1, 2, 10])).toEqual({ median: 2.5, min: 1, max: 10 });
  expect(spread([Number.NaN])).toBeNull();
});
