/** A token bucket: `rate` a second, up to twice as many at once. */
export class RateLimit {
  readonly #rate: number;
  #tokens: number;
  #filledAt = performance.now();
  /** Nothing is to come before then: it was told so. */
  #askedToWaitUntil = Number.NEGATIVE_INFINITY;
  /** What came all the same, since the bucket was last full. */
  #impatient = 0;

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
    if (this.#tokens === full) this.#impatient = 0;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    if (now < this.#askedToWaitUntil) this.#impatient += 1;
    const wait = Math.ceil(((1 - this.#tokens) * 1000) / this.#rate);
    this.#askedToWaitUntil = now + wait;
    return wait;
  }

  /** Goes on sending, hundreds of times, without waiting for as long as it was told. */
  get abusive(): boolean {
    return this.#impatient > this.#rate * 50;
  }
}
