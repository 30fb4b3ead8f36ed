/** Time and chance, passed in so that a test can decide them. Times are milliseconds. */
export interface Clock {
  /** Since the epoch. */
  now(): number;
  /** 0 ≤ n < 1. */
  random(): number;
  /** Runs once, after `ms`; returns how to call it off. An `idle` timer keeps no Node process alive. */
  after(ms: number, run: () => void, idle?: boolean): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after: (ms, run, idle = false) => {
    const timer = setTimeout(run, ms);
    if (idle) letGo(timer);
    return () => clearTimeout(timer);
  },
};

/** In Node a timer is an object that can let the process end; in browsers it is a number. */
function letGo(timer: unknown): void {
  if (typeof timer !== "object" || timer === null || !("unref" in timer)) return;
  if (typeof timer.unref === "function") timer.unref();
}

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** Settles as `work` does; after `ms` without an answer it rejects with what `late` makes. */
export function withDeadline<T>(clock: Clock, ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(late()));
    work.then(resolve, reject).finally(cancel);
  });
}
