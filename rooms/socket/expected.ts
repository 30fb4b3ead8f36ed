import type { TimerWheel } from "../actor/timer-wheel.ts";

/**
 * People who were connected to a room before it came here, and are on their way after it. Until they have had
 * their time they count as present.
 */
export class Expected {
  readonly #wheel: TimerWheel;
  readonly #withinMs: number;
  /** Who has not come in time. */
  readonly #missing: (person: string) => void;
  readonly #seats = new Map<string, string>();
  readonly #people = new Set<string>();
  /** When they were first expected; null: nobody was yet. */
  #since: number | null = null;

  constructor(wheel: TimerWheel, withinMs: number, missing: (person: string) => void) {
    this.#wheel = wheel;
    this.#withinMs = withinMs;
    this.#missing = missing;
  }

  /** Somebody with a seat of their own. */
  seat(sessionId: string, person: string): void {
    this.#seats.set(sessionId, person);
    this.#startTime();
  }

  /** Somebody whose connection is broken at this moment. */
  person(person: string): void {
    this.#people.add(person);
    this.#startTime();
  }

  /** How long ago the room came, for somebody with a seat of their own (ms); null: nobody expected them. */
  arrived(sessionId: string, person: string): number | null {
    const seated = this.#seats.delete(sessionId);
    this.#people.delete(person);
    return seated && this.#since !== null ? performance.now() - this.#since : null;
  }

  has(person: string): boolean {
    return this.#people.has(person) || [...this.#seats.values()].includes(person);
  }

  people(): readonly string[] {
    return [...new Set([...this.#people, ...this.#seats.values()])];
  }

  #startTime(): void {
    if (this.#since !== null) return;
    this.#since = performance.now();
    this.#wheel.after(this.#withinMs, () => {
      const late = this.people();
      this.#seats.clear();
      this.#people.clear();
      for (const person of late) this.#missing(person);
    });
  }
}
