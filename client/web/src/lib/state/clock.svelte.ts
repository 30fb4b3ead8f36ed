/** The time of day, for what is shown as "today"; moves every half minute. */
export class Clock {
  #now = $state(Date.now());

  get now(): number {
    return this.#now;
  }

  /** Runs until the returned function is called. */
  start(): () => void {
    const timer = setInterval(() => {
      this.#now = Date.now();
    }, 30_000);
    return () => clearInterval(timer);
  }
}
