import type { TimerWheel } from "../actor/timer-wheel.ts";

/** How soon a change of the shown state should reach people. */
export type Urgency = "now" | "soon" | "none";

const soonMs = 400;

/** Sends a room's patches when something changed: urgent ones at the end of this turn, others gathered. */
export class PatchSchedule {
  readonly #wheel: TimerWheel;
  readonly #patch: () => void;
  #scheduled: Urgency = "none";
  #cancel: () => void = () => {};

  constructor(wheel: TimerWheel, patch: () => void) {
    this.#wheel = wheel;
    this.#patch = patch;
  }

  mark(urgency: Urgency): void {
    if (urgency === "none" || this.#scheduled === "now" || this.#scheduled === urgency) return;
    this.#cancel();
    this.#scheduled = urgency;
    if (urgency === "now") queueMicrotask(this.#run);
    else this.#cancel = this.#wheel.after(soonMs, this.#run);
  }

  stop(): void {
    this.#cancel();
    this.#scheduled = "now";
  }

  readonly #run = (): void => {
    if (this.#scheduled === "none") return;
    this.#scheduled = "none";
    this.#cancel();
    this.#patch();
  };
}
