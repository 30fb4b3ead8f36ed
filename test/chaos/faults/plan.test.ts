import fc from "fast-check";
import { expect, it } from "vitest";
import { randomFrom } from "../../durability/random.ts";
import { type FaultName, faultNames, isFaultName } from "./index.ts";
import { planFaults } from "./plan.ts";

const some = fc.uniqueArray(fc.constantFrom(...faultNames), { minLength: 1 });
const plan = (names: readonly FaultName[], seconds: number, seed: number) =>
  planFaults(names, seconds, randomFrom(seed));

it("has every fault at least once, in the time that there is", () => {
  fc.assert(
    fc.property(some, fc.integer({ min: 12, max: 300 }), fc.nat(), (names, seconds, seed) => {
      const planned = plan(names, seconds, seed);
      expect(new Set(planned.map(({ name }) => name))).toEqual(new Set(names));
      const times = planned.map(({ at }) => at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(3);
      expect(times.at(-1)).toBeLessThanOrEqual(seconds - 8);
    }),
  );
});

it("is the same again with the same seed, and another with another", () => {
  expect(plan(faultNames, 120, 1)).toEqual(plan(faultNames, 120, 1));
  expect(plan(faultNames, 120, 1)).not.toEqual(plan(faultNames, 120, 2));
});

it("has all of them twice over ten runs of two minutes", () => {
  const names = Array.from({ length: 10 }, (_, seed) => plan(faultNames, 120, seed + 1)).flat();
  for (const name of faultNames)
    expect(names.filter((one) => one.name === name).length, name).toBeGreaterThanOrEqual(10);
});

it("knows its faults by name", () => {
  expect(isFaultName("kill")).toBe(true);
  expect(isFaultName("toString")).toBe(false);
  expect(plan([], 30, 1)).toEqual([]);
});
