import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTimerWheel } from "./timer-wheel.ts";

describe("the timer wheel", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("runs every task at its time, in order, and those taken back never", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.boolean()), { maxLength: 200 }), (asked) => {
        const wheel = createTimerWheel();
        const ran: number[] = [];
        for (const [delay, keep] of asked) {
          const cancel = wheel.after(delay, () => ran.push(delay));
          if (!keep) cancel();
        }
        vi.advanceTimersByTime(600);
        const wanted = asked.filter(([, keep]) => keep).map(([delay]) => delay);
        expect(ran).toEqual(wanted.sort((a, b) => a - b));
        wheel.stop();
      }),
    );
  });

  it("forgets those taken back, also of a deadline that is set anew again and again", () => {
    const wheel = createTimerWheel();
    const week = 7 * 24 * 3_600_000;
    let ran = 0;
    let cancel = () => {};
    for (let i = 0; i < 2_000; i += 1) {
      cancel();
      cancel = wheel.after(week + i, () => {
        ran += 1;
      });
    }
    expect(wheel.size).toBeLessThan(100);
    vi.advanceTimersByTime(2 * week);
    expect([ran, wheel.size]).toEqual([1, 0]);
  });

  it("holds waits longer than the platform's timers do", () => {
    const wheel = createTimerWheel();
    const month = 31 * 24 * 3_600_000;
    let ran = false;
    wheel.after(month, () => {
      ran = true;
    });
    vi.advanceTimersByTime(month - 1);
    expect(ran).toBe(false);
    vi.advanceTimersByTime(2);
    expect(ran).toBe(true);
  });
});
