import type { Command } from "../../core/domain/feature.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import type { TimerWheel } from "./timer-wheel.ts";

interface Slot {
  /** When the last one was passed on. */
  passedAt: number;
  waiting: { command: Command; reply: Promise<CommandReply> } | null;
}

/**
 * Thins out requests that come in streams: the first passes at once, those that follow within the time are
 * merged into one that passes when it is over. Everyone is answered by the one that passed for them.
 */
export class Coalescer {
  readonly #wheel: TimerWheel;
  readonly #slots = new Map<string, Slot>();

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  pass(
    key: string,
    command: Command,
    rule: { readonly everyMs: number; merge(earlier: Command, later: Command): Command },
    submit: (command: Command) => Promise<CommandReply>,
  ): Promise<CommandReply> {
    const slot = this.#slots.get(key) ?? { passedAt: Number.NEGATIVE_INFINITY, waiting: null };
    this.#slots.set(key, slot);
    if (slot.waiting) {
      slot.waiting.command = rule.merge(slot.waiting.command, command);
      return slot.waiting.reply;
    }
    const wait = slot.passedAt + rule.everyMs - performance.now();
    if (wait <= 0) {
      slot.passedAt = performance.now();
      this.#forgetLater(key, slot, rule.everyMs);
      return submit(command);
    }
    const { promise, resolve } = Promise.withResolvers<CommandReply>();
    const waiting = { command, reply: promise };
    slot.waiting = waiting;
    this.#wheel.after(wait, () => {
      slot.waiting = null;
      slot.passedAt = performance.now();
      this.#forgetLater(key, slot, rule.everyMs);
      resolve(submit(waiting.command));
    });
    return promise;
  }

  #forgetLater(key: string, slot: Slot, everyMs: number): void {
    const { passedAt } = slot;
    this.#wheel.after(everyMs, () => {
      if (!slot.waiting && slot.passedAt === passedAt) this.#slots.delete(key);
    });
  }
}
