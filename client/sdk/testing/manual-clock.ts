import type { Clock } from "../lib/clock.ts";

/** A clock that stands still until it is advanced; `random` is 0.5 unless given. */
export class ManualClock implements Clock {
  private readonly timers = new Set<{ readonly at: number; readonly run: () => void }>();
  private readonly chance: () => number;
  private time = 1_000_000;

  constructor(chance: () => number = () => 0.5) {
    this.chance = chance;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance();
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  get pending(): number {
    return this.timers.size;
  }

  /** Lets everything happen that is due within `ms`, in order, with what follows from it. */
  async advance(ms: number): Promise<void> {
    const until = this.time + ms;
    await settle();
    for (let next = this.next(until); next; next = this.next(until)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settle();
    }
    this.time = until;
  }

  private next(until: number) {
    const due = [...this.timers].filter(({ at }) => at <= until);
    return due.reduce<(typeof due)[number] | undefined>(
      (first, timer) => (first && first.at <= timer.at ? first : timer),
      undefined,
    );
  }
}

/** Lets every promise that can go on do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
