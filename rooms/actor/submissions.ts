import { DomainError } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import type { CommandReply } from "../../core/protocol/events.ts";
import type { Asking } from "./asking.ts";
import type { Submit } from "./intake.ts";

export interface SubmissionParts {
  /** How many wait beyond here. */
  waiting(): number;
  /** Takes a command that is ready to be decided. */
  take(asking: Asking): void;
  /** A command for which something had to be looked up has been taken, or came to nothing. */
  prepared(): void;
  /** A command is durable, so long after it came (ms). */
  acknowledged(afterMs: number): void;
}

const waitingLimit = 256;
const busyRetryMs = 250;

/** The way into the loop: so many may wait and no more, and each on a promise that is settled once. */
export class Submissions {
  readonly #parts: SubmissionParts;
  #preparing = 0;

  constructor(parts: SubmissionParts) {
    this.#parts = parts;
  }

  /** Commands for which something is being looked up. */
  get preparing(): number {
    return this.#preparing;
  }

  readonly submit: Submit = (by, prepared, mac) => {
    if (this.#parts.waiting() + this.#preparing >= waitingLimit) {
      return Promise.reject(new DomainError("busy", undefined, { retryAfterMs: busyRetryMs }));
    }
    return new Promise((answer, reject) => {
      const since = performance.now();
      const resolve = (reply: CommandReply): void => {
        this.#parts.acknowledged(performance.now() - since);
        answer(reply);
      };
      const take = (command: Command) => this.#parts.take({ by, command, mac, resolve, reject, since });
      if (!(prepared instanceof Promise)) return take(prepared);
      this.#preparing += 1;
      prepared
        .then(take)
        .catch(reject)
        .finally(() => {
          this.#preparing -= 1;
          this.#parts.prepared();
        });
    });
  };
}
