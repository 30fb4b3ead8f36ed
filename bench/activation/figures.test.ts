import { expect, test } from "vitest";
import { figuresOf, type Wakes } from "./figures.ts";
import { roomsOf } from "./options.ts";
import type { Woken } from "./wake.ts";

function woken(group: string, wakeMs: readonly number[]): Woken {
  const cpu = { server: 1_000, postgres: 500 };
  return { group, wakeMs, awakeMs: wakeMs.map((ms) => ms / 10), cpu, window: 1e6, others: 0 };
}

const start = (ending: Wakes["ending"], short: readonly number[], long: readonly number[]): Wakes => ({
  ending,
  groups: [woken("chat 100", short), woken("chat 10000", long), woken("visit", [7])],
});

test("compares sizes after the same start, and keeps apart how rooms had ended", () => {
  const figures = figuresOf(
    [
      start("slept", [4, 5, 6], [8, 10, 12]),
      start("slept", [10, 10, 10], [10, 11, 99]),
      start("slept", [1, 2, 3], [2, 2, 2]),
      start("crashed", [10, 10, 10], [15, 15, 15]),
    ],
    [100, 10_000],
  );
  expect(figures).toMatchObject({
    wakeMs: { p50: 10, p99: 99 },
    byHistory: { 100: { p50: 5, p99: 10 }, 10000: { p50: 10, p99: 99 } },
    afterCrash: { 100: { p50: 10, p99: 10 }, 10000: { p50: 15, p99: 15 } },
    otherKinds: { visit: { p50: 7, p99: 7 } },
    awakeMs: { "chat 100": { p50: 0.5, p99: 1 } },
    cpuPerWake: { "chat 100": { server: 1_000, postgres: 500 } },
    ratios: {
      growth10000vs100: { median: 1.1, min: 1, max: 2 },
      growthAfterCrash10000vs100: { median: 1.5, min: 1.5, max: 1.5 },
    },
  });
});

test("of long histories there are fewer rooms, but always some", () => {
  expect([100, 10_000, 100_000, 1_000_000].map((history) => roomsOf(history, 40))).toEqual([40, 40, 4, 4]);
});
