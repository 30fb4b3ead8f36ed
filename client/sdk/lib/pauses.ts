import type { Clock } from "./clock.ts";

/** Pauses that end when their time is up, or when something better comes. */
export class Pauses {
  private readonly clock: Clock;
  private readonly ends = new Set<() => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  make(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.ends.delete(end);
        resolve();
      };
      const cancel = this.clock.after(ms, end);
      this.ends.add(end);
    });
  }

  endAll(): void {
    for (const end of [...this.ends]) end();
  }
}
