import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RateLimit } from "./rate-limit.ts";

const rate = 20;

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it("lets a burst through, and then so many a second", () => {
  const limit = new RateLimit(rate);
  const passed = () => Array.from({ length: 100 }, () => limit.take()).filter((wait) => wait === 0).length;
  expect(passed()).toBe(2 * rate);
  vi.advanceTimersByTime(1_000);
  expect(passed()).toBe(rate);
});

it("never calls somebody abusive who waits as long as told, however long they go on", () => {
  const limit = new RateLimit(rate);
  for (let asked = 0; asked < 200 * rate; asked += 1) {
    vi.advanceTimersByTime(limit.take());
    expect(limit.abusive).toBe(false);
  }
});

it("calls somebody abusive who does not wait, hundreds of times", () => {
  const limit = new RateLimit(rate);
  for (let asked = 0; asked < 45 * rate; asked += 1) limit.take();
  expect(limit.abusive).toBe(false);
  for (let asked = 0; asked < 10 * rate; asked += 1) limit.take();
  expect(limit.abusive).toBe(true);
  vi.advanceTimersByTime(60_000);
  limit.take();
  expect(limit.abusive).toBe(false);
});
