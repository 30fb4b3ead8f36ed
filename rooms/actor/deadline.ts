import type { Command, Due } from "../../core/domain/feature.ts";
import type { Clock } from "../../core/platform/clock.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** The next thing that a room does by itself, for as long as it is awake. */
export class Deadline {
  readonly #wheel: TimerWheel;
  readonly #clock: Clock;
  readonly #fire: (command: Command) => void;
  #at: number | null = null;
  #cancel: () => void = () => {};

  constructor(wheel: TimerWheel, clock: Clock, fire: (command: Command) => void) {
    this.#wheel = wheel;
    this.#clock = clock;
    this.#fire = fire;
  }

  /** When it is (ms since the epoch), as the journal has it too; null: there is none. */
  get at(): number | null {
    return this.#at;
  }

  arm(due: Due | null): void {
    if ((due?.at ?? null) === this.#at) return;
    this.#cancel();
    this.#at = due?.at ?? null;
    if (!due) return;
    const { at, command } = due;
    this.#cancel = this.#wheel.after(at - this.#clock.now(), () => this.#fire(command));
  }

  stop(): void {
    this.#cancel();
  }
}
