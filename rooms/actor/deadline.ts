import type { Command, Due } from "../../core/domain/feature.ts";
import type { Clock } from "../../core/platform/clock.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** A deadline that could not be met, or that is still there afterwards, is tried again so much later. */
const retryMs = 1_000;

/** The next thing that a room does by itself, for as long as it is awake. One at a time. */
export class Deadline {
  readonly #wheel: TimerWheel;
  readonly #clock: Clock;
  /** Whether it is done. Never throws. */
  readonly #fire: (command: Command) => Promise<boolean>;
  #next: Due | null = null;
  #at: number | null = null;
  #firing = false;
  #stopped = false;
  #cancel: () => void = () => {};

  constructor(wheel: TimerWheel, clock: Clock, fire: (command: Command) => Promise<boolean>) {
    this.#wheel = wheel;
    this.#clock = clock;
    this.#fire = fire;
  }

  arm(due: Due | null): void {
    this.#next = due;
    if (!this.#firing && (due?.at ?? null) !== this.#at) this.#set(0);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #set(pauseMs: number): void {
    this.#cancel();
    const due = this.#next;
    this.#at = due?.at ?? null;
    if (!due || this.#stopped) return;
    const wait = Math.max(pauseMs, due.at - this.#clock.now());
    this.#cancel = this.#wheel.after(wait, () => void this.#meet(due.command));
  }

  /** The one after it may fall on the same moment. */
  async #meet(command: Command): Promise<void> {
    this.#firing = true;
    const done = await this.#fire(command);
    this.#firing = false;
    this.#set(done && this.#next?.command.id !== command.id ? 0 : retryMs);
  }
}
