import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Deadline } from "./deadline.ts";
import { createTimerWheel, type TimerWheel } from "./timer-wheel.ts";

const due = (at: number, id: string) => ({ at, command: { name: "queue.due", id } });

describe("a room's deadline", () => {
  let wheel: TimerWheel;
  let fired: string[];
  let done: boolean;
  let deadline: Deadline;
  beforeEach(() => {
    vi.useFakeTimers({ now: 0 });
    wheel = createTimerWheel();
    fired = [];
    done = true;
    deadline = new Deadline(wheel, { now: () => Date.now() }, async ({ id }) => {
      fired.push(id ?? "");
      return done;
    });
  });
  afterEach(() => {
    wheel.stop();
    vi.useRealTimers();
  });

  it("is met at its time, and not when it was taken back", async () => {
    deadline.arm(due(100, "one"));
    deadline.arm(due(200, "two"));
    await vi.advanceTimersByTimeAsync(199);
    expect(fired).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toEqual(["two"]);
    deadline.arm(due(300, "three"));
    deadline.arm(null);
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(fired).toEqual(["two"]);
  });

  it("is followed by another of the same moment", async () => {
    deadline.arm(due(100, "first"));
    vi.advanceTimersByTime(100);
    // What the first has changed is known before it is answered.
    deadline.arm(due(100, "second"));
    await vi.advanceTimersByTimeAsync(1);
    expect(fired).toEqual(["first", "second"]);
  });

  it("is tried again when it could not be met, or changed nothing, but never in a hot loop", async () => {
    done = false;
    deadline.arm(due(100, "first"));
    await vi.advanceTimersByTimeAsync(2_500);
    expect(fired).toEqual(["first", "first", "first"]);
    done = true;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(fired).toHaveLength(5);
    deadline.arm(null);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fired).toHaveLength(5);
  });

  it("is not met once the room has ended, also not again", async () => {
    done = false;
    deadline.arm(due(100, "first"));
    vi.advanceTimersByTime(100);
    deadline.stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(fired).toEqual(["first"]);
  });
});
