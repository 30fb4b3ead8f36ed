import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createTimerWheel, type TimerWheel } from "../actor/timer-wheel.ts";
import { Expected } from "./expected.ts";

let wheel: TimerWheel;
let missing: string[];
let expected: Expected;
beforeEach(() => {
  vi.useFakeTimers();
  wheel = createTimerWheel();
  missing = [];
  expected = new Expected(wheel, 1_000, (person) => missing.push(person));
});
afterEach(() => {
  wheel.stop();
  vi.useRealTimers();
});

it("counts those on their way as present, and tells of nobody who came in time", () => {
  expected.seat("s1", "ann");
  expected.person("bob");
  expect(expected.people().toSorted()).toEqual(["ann", "bob"]);
  expect([expected.has("ann"), expected.has("bob"), expected.has("cid")]).toEqual([true, true, false]);
  expected.arrived("s1", "ann");
  expected.arrived("new", "bob");
  expect(expected.people()).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(missing).toEqual([]);
});

it("tells once of each person who has not come in their time, and not before it", () => {
  expected.seat("s1", "ann");
  expected.seat("s2", "ann");
  expected.person("bob");
  vi.advanceTimersByTime(999);
  expect(missing).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(missing.toSorted()).toEqual(["ann", "bob"]);
  expect(expected.people()).toEqual([]);
  vi.advanceTimersByTime(10_000);
  expect(missing).toHaveLength(2);
});

it("still awaits somebody's other seat when they have taken one", () => {
  expected.seat("s1", "ann");
  expected.seat("s2", "ann");
  expected.arrived("s1", "ann");
  expect(expected.has("ann")).toBe(true);
});
