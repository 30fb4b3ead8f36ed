/** A token bucket: `rate` a second, up to twice as many at once. */
export class RateLimit {
  readonly #rate: number;
  #tokens: number;
  #filledAt = performance.now();
  /** Refusals since the bucket was last full. */
  #refused = 0;

  constructor(rate: number) {
    this.#rate = rate;
    this.#tokens = rate * 2;
  }

  /** 0: go on; else how long to wait (ms). */
  take(): number {
    const now = performance.now();
    const full = this.#rate * 2;
    this.#tokens = Math.min(full, this.#tokens + ((now - this.#filledAt) * this.#rate) / 1000);
    this.#filledAt = now;
    if (this.#tokens === full) this.#refused = 0;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    this.#refused += 1;
    return Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
  }

  /** Goes on sending in spite of hundreds of refusals. */
  get abusive(): boolean {
    return this.#refused > this.#rate * 50;
  }
}
