import { DomainError, type ErrorCode, type Rejection, toRejection } from "../../core/domain/errors.ts";
import type { Command, Errand, ErrandOutcome } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/**
 * Brings an errand to where it is done, under the name of the room it comes `from`, and back with the answer where
 * there is one. Throws DomainError; what may pass is tried again.
 */
export type Deliver = (from: Sender, errand: Errand) => Promise<string | null | undefined>;

export interface Sender {
  readonly org: string;
  readonly ref: RoomRef;
}

export interface ErrandParts {
  readonly from: Sender;
  readonly deliver: Deliver;
  readonly wheel: TimerWheel;
  readonly log: () => Logger;
  /** Gives our own room the outcome's command. Throws DomainError. */
  settle(command: Command): Promise<unknown>;
}

const firstPauseMs = 100;
const longestPauseMs = 10_000;
/** An answer that has not come by then is asked for again: whoever owed it may be gone. */
const answerMs = 15_000;

/** What may be otherwise in a moment: it says nothing about the errand. */
const passing: readonly ErrorCode[] = [
  "busy",
  "unavailable",
  "room_closed",
  "internal",
  "rate_limited",
  "command_conflict",
];

/**
 * Runs a room's outstanding errands for as long as it is awake here. Each is tried until its outcome is
 * known and our own room has recorded it; what is left over is taken up by whoever wakes the room next.
 */
export class ErrandRunner {
  readonly #parts: ErrandParts;
  readonly #running = new Set<string>();
  #outstanding: ReadonlyMap<string, Errand> = new Map();
  #stopped = false;

  constructor(parts: ErrandParts) {
    this.#parts = parts;
  }

  /** Starts what is new, and lets go of what is no longer outstanding. */
  consider(errands: readonly Errand[]): void {
    if (errands.length === 0 && this.#outstanding.size === 0) return;
    this.#outstanding = new Map(errands.map((errand) => [errand.id, errand]));
    for (const errand of errands) {
      if (this.#running.has(errand.id)) continue;
      this.#running.add(errand.id);
      void this.#run(errand, 0);
    }
  }

  get idle(): boolean {
    return this.#outstanding.size === 0;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(errand: Errand, attempt: number): Promise<void> {
    if (this.#stopped || !this.#outstanding.has(errand.id)) {
      this.#running.delete(errand.id);
      return;
    }
    try {
      const command = errand.settle(await this.#try(errand, attempt));
      if (command) await this.#parts.settle(command);
      this.#running.delete(errand.id);
    } catch (error) {
      const { code } = toRejection(error);
      if (!passing.includes(code) && !this.#stopped) {
        this.#parts.log().error({ err: error, errand: errand.name }, "an errand could not be settled");
      }
      const pause = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
      this.#parts.wheel.after(pause, () => void this.#run(errand, attempt + 1));
    }
  }

  /** Throws what may pass. */
  async #try(errand: Errand, attempt: number): Promise<ErrandOutcome> {
    try {
      return { ok: true, answer: (await this.#answer(errand)) ?? null };
    } catch (error) {
      const refused = finalRefusal(error);
      if (!refused) throw error;
      if (attempt + 1 < (errand.tries ?? 1))
        throw new DomainError("unavailable", undefined, { cause: error });
      return { ok: false, rejection: refused };
    }
  }

  /** Throws `unavailable` when there is none in time; one that comes later is heard by nobody. */
  #answer(errand: Errand): Promise<string | null | undefined> {
    const { from, deliver, wheel } = this.#parts;
    return new Promise((resolve, reject) => {
      const answered = deliver(from, errand).then(resolve, reject);
      const cancel = wheel.after(answerMs, () => reject(new DomainError("unavailable")));
      void answered.finally(cancel);
    });
  }
}

function finalRefusal(error: unknown): Rejection | null {
  return error instanceof DomainError && !passing.includes(error.code) ? error.toRejection() : null;
}
