import type { Clock } from "../../core/platform/clock.ts";
import type { TimerWheel } from "../../rooms/actor/timer-wheel.ts";

interface Timer {
  readonly at: number;
  readonly task: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** The platform's timers hold 31 bits of milliseconds. */
const longest = 2 ** 31 - 1;

/**
 * Time as a test has it. It flows as ever; a test can let some of it pass at once, or set the clock back
 * while the timers run on.
 */
export class TestTime implements Clock {
  readonly #wheels = new Set<Set<Timer>>();
  #skipped = 0;
  #setBack = 0;

  now(): number {
    return Math.round(performance.timeOrigin + this.#elapsed() - this.#setBack);
  }

  /** Lets so much time pass at once (ms). */
  skip(ms: number): void {
    this.#skipped += ms;
    for (const timers of this.#wheels) for (const timer of timers) this.#arm(timers, timer);
  }

  /** Sets the clock back (ms), which no timer notices. */
  setBack(ms: number): void {
    this.#setBack += ms;
  }

  /** The timers of one process. */
  wheel(): TimerWheel {
    const timers = new Set<Timer>();
    this.#wheels.add(timers);
    return {
      after: (delayMs, task) => {
        const timer: Timer = { at: this.#elapsed() + delayMs, task, handle: undefined };
        timers.add(timer);
        this.#arm(timers, timer);
        return () => {
          clearTimeout(timer.handle);
          timers.delete(timer);
        };
      },
      stop: () => {
        for (const { handle } of timers) clearTimeout(handle);
        timers.clear();
        this.#wheels.delete(timers);
      },
    };
  }

  #arm(timers: Set<Timer>, timer: Timer): void {
    clearTimeout(timer.handle);
    const wait = Math.min(longest, Math.max(0, timer.at - this.#elapsed()));
    timer.handle = setTimeout(() => {
      if (timer.at > this.#elapsed()) return this.#arm(timers, timer);
      timers.delete(timer);
      timer.task();
    }, wait);
  }

  #elapsed(): number {
    return performance.now() + this.#skipped;
  }
}
