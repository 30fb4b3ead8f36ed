import { isPassing, toHugMeDoError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";

/** Milliseconds between two reports. */
const interval = 1_000;

/** Reports how far I have read: at most once a second, never backwards, again if a report was lost. */
export class ReadCursor {
  private readonly clock: Clock;
  private readonly report: (seq: number) => Promise<unknown>;
  private wanted = 0;
  private confirmed = 0;
  private open = false;
  private busy = false;
  private lastReport = Number.NEGATIVE_INFINITY;
  private cancel: (() => void) | null = null;

  constructor(clock: Clock, report: (seq: number) => Promise<unknown>) {
    this.clock = clock;
    this.report = report;
  }

  want(seq: number): void {
    if (!Number.isSafeInteger(seq)) return;
    this.wanted = Math.max(this.wanted, seq);
    this.plan();
  }

  /** The room says how far it has me. */
  confirm(seq: number): void {
    this.confirmed = Math.max(this.confirmed, seq);
  }

  /** There is someone to report to. */
  start(): void {
    this.open = true;
    this.plan();
  }

  stop(): void {
    this.open = false;
    this.cancel?.();
    this.cancel = null;
  }

  private plan(): void {
    if (!this.open || this.busy || this.cancel || this.wanted <= this.confirmed) return;
    const wait = this.lastReport + interval - this.clock.now();
    if (wait <= 0) return void this.flush();
    this.cancel = this.clock.after(wait, () => {
      this.cancel = null;
      if (this.wanted > this.confirmed) void this.flush();
    });
  }

  private async flush(): Promise<void> {
    const seq = this.wanted;
    this.busy = true;
    this.lastReport = this.clock.now();
    try {
      await this.report(seq);
      this.confirm(seq);
    } catch (error) {
      // What may pass is said again; what is refused was never a place in this conversation.
      if (!isPassing(toHugMeDoError(error).code)) this.wanted = this.confirmed;
    } finally {
      this.busy = false;
      this.plan();
    }
  }
}
