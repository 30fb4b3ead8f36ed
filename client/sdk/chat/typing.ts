import type { Clock } from "../lib/clock.ts";

/** "On" is repeated at most this often, and "off" follows a pause of that length. Milliseconds. */
const repeat = 2_000;
const pause = 4_000;

/** Turns keystrokes into few notices. */
export class TypingNotifier {
  private readonly clock: Clock;
  private readonly notify: (on: boolean) => void;
  private on = false;
  private lastNotice = 0;
  private cancel: () => void = () => undefined;

  constructor(clock: Clock, notify: (on: boolean) => void) {
    this.clock = clock;
    this.notify = notify;
  }

  keystroke(): void {
    this.cancel();
    this.cancel = this.clock.after(pause, () => this.stop());
    if (this.on && this.clock.now() - this.lastNotice < repeat) return;
    this.on = true;
    this.lastNotice = this.clock.now();
    this.notify(true);
  }

  stop(): void {
    this.cancel();
    if (!this.on) return;
    this.on = false;
    this.notify(false);
  }

  /** The seat is gone, and with it the notice; the next keystroke gives it anew. */
  reset(): void {
    this.cancel();
    this.on = false;
  }
}
