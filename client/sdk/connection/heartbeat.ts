import type { Clock } from "../lib/clock.ts";

/** A silence after which the server is asked whether it is there, and how long it may take to answer (ms). */
export const silence = 10_000;
export const patience = 5_000;

/**
 * Notices a server that is frozen, or a path that is cut without a word. Anything that arrives counts as a
 * sign of life, so a busy room is never pinged.
 */
export class Heartbeat {
  private readonly clock: Clock;
  private readonly ping: () => void;
  private readonly dead: () => void;
  private lastHeard: number;
  private asking = false;
  private cancel: () => void;

  constructor(clock: Clock, ping: () => void, dead: () => void) {
    this.clock = clock;
    this.ping = ping;
    this.dead = dead;
    this.lastHeard = clock.now();
    this.cancel = clock.after(silence, () => this.look());
  }

  heard(): void {
    this.lastHeard = this.clock.now();
    this.asking = false;
  }

  /** Asks at once: the device woke up, or its network changed. */
  check(): void {
    this.cancel();
    this.asking = true;
    this.cancel = this.clock.after(patience, () => {
      if (this.asking) this.dead();
      else this.look();
    });
    this.ping();
  }

  stop(): void {
    this.cancel();
  }

  private look(): void {
    const left = this.lastHeard + silence - this.clock.now();
    if (left <= 0) this.check();
    else this.cancel = this.clock.after(left, () => this.look());
  }
}
