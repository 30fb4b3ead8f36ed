import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchEventLoop } from "./event-loop.ts";

let time = 0;
beforeEach(() => {
  time = 5_000;
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  vi.spyOn(performance, "now").mockImplementation(() => time);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The next timer comes, so much later than it should. */
function tick(lateMs = 0): void {
  time += 100 + lateMs;
  vi.advanceTimersByTime(100);
}

it("tells how late the loop comes round", () => {
  const observed: number[] = [];
  const loop = watchEventLoop((seconds) => observed.push(seconds));
  tick();
  tick(40);
  tick();
  expect(observed).toEqual([0, 0.04, 0]);
  loop.stop();
  tick();
  expect(observed).toHaveLength(3);
});

it("counts a stall for as long as it was, not as one late timer", () => {
  const observed: number[] = [];
  const loop = watchEventLoop((seconds) => observed.push(seconds));
  tick(250);
  expect(observed).toEqual([0.25, 0.15, 0.05]);
  loop.stop();
});

it("a process that stood still says so for ten seconds, and how long it was", () => {
  const loop = watchEventLoop(() => {});
  tick(900);
  expect(loop.blocked()).toBeNull();
  tick(2_500);
  expect(loop.blocked()).toBe("the process stood still for 2.5 s within the last 10 s");
  for (let left = 100; left > 0; left -= 1) tick();
  expect(loop.blocked()).not.toBeNull();
  tick();
  expect(loop.blocked()).toBeNull();
  loop.stop();
});
