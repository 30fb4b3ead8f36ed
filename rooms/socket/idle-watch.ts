import type { TimerWheel } from "../actor/timer-wheel.ts";

export interface IdleParts {
  readonly wheel: TimerWheel;
  /** How long a room stays awake when nobody is there (ms). */
  readonly idleMs: number;
  /** Somebody is there, or it is not for us to end it. */
  occupied(): boolean;
  /** It has something to do by itself. */
  busy(): boolean;
  sleep(): void;
}

/** Puts a room to sleep in which nobody has been for a while. It waits on one timer, however often people come and go. */
export class IdleWatch {
  readonly #parts: IdleParts;
  #usedAt = performance.now();
  #cancel: (() => void) | null = null;

  constructor(parts: IdleParts) {
    this.#parts = parts;
  }

  /** Somebody wants something of the room, or is about to come. */
  used(): void {
    this.#usedAt = performance.now();
  }

  /** To be called whenever nobody may be there any more. */
  watch(): void {
    const { wheel, idleMs, occupied } = this.#parts;
    if (this.#cancel || occupied()) return;
    this.#cancel = wheel.after(idleMs, () => {
      this.#cancel = null;
      if (!occupied()) this.#consider();
    });
  }

  stop(): void {
    this.#cancel?.();
  }

  #consider(): void {
    const { idleMs, busy, sleep } = this.#parts;
    if (performance.now() - this.#usedAt < idleMs || busy()) this.watch();
    else sleep();
  }
}
