import type { Clock } from "../lib/clock.ts";

/** A silence after which the server is asked whether it is there, and how long it may take to answer (ms). */
export const silence = 4_000;
export const patience = 2_500;

/**
 * Notices a server that is frozen, or a path that is cut without a word, within 6.5 s. Anything that arrives
 * counts as a sign of life, so a busy room is never pinged. In an idle one it costs a frame of one byte each
 * way every 4 s (some 100 to 150 bytes with all headers): a thousand idle connections ask 250 times a second,
 * and the server answers from its socket, without a look at the room.
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
