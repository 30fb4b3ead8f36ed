import { DomainError } from "../../core/domain/errors.ts";
import type { Loaded } from "../actor/activation.ts";

/** A room that was loaded here and waits for its present owner to hand it over: it comes once, or not at all. */
export class Standby<Root> {
  readonly loaded: Loaded<Root>;
  readonly #takeOver: (loaded: Loaded<Root>) => Promise<void>;
  #arriving: Promise<void> | null = null;
  #over = false;

  constructor(loaded: Loaded<Root>, takeOver: (loaded: Loaded<Root>) => Promise<void>) {
    this.loaded = loaded;
    this.#takeOver = takeOver;
  }

  /** Whether it may come from the owner of that epoch. */
  awaits(epoch: number): boolean {
    return !this.#over && this.loaded.epoch === epoch;
  }

  /** Takes the room over. Asked again, because the answer was late, it is the same. Throws what went wrong. */
  arrive(): Promise<void> {
    if (this.#over) return Promise.reject(new DomainError("room_closed"));
    this.#arriving ??= this.#takeOver(this.loaded).catch((error: unknown) => {
      this.#over = true;
      throw error;
    });
    return this.#arriving;
  }

  /** It does not come. False: it has, or is being claimed at this moment and must not be let go of. */
  abandon(): boolean {
    if (this.#arriving && !this.#over) return false;
    this.#over = true;
    return true;
  }
}
