import { type Priority, priorities } from "../../../core/domain/queue/state.ts";

/** One who waits. */
export interface Waiting {
  readonly entry: string;
  readonly patient: string;
  readonly priority: Priority;
  readonly waitingSince: number;
}

/**
 * The queue as the benchmark expects it, first to last: a plain list, so that what the server says of places
 * is checked against something that works otherwise.
 */
export class Line {
  readonly #waiting: Waiting[];

  constructor(waiting: readonly Waiting[]) {
    this.#waiting = [...waiting];
  }

  get length(): number {
    return this.#waiting.length;
  }

  get entries(): readonly string[] {
    return this.#waiting.map(({ entry }) => entry);
  }

  /** Throws beyond the line's end. */
  at(index: number): Waiting {
    const one = this.#waiting[index];
    if (!one) throw new Error(`Nobody waits at ${index} of ${this.#waiting.length}.`);
    return one;
  }

  /** From the front; throws when nobody is such. */
  find(wanted: (one: Waiting) => boolean): Waiting {
    return this.at(this.#waiting.findIndex(wanted));
  }

  join(one: Waiting): void {
    this.#waiting.push(one);
  }

  leave(one: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(one), 1);
  }

  /** null: to the end. */
  moveBefore(one: Waiting, before: Waiting | null): void {
    this.leave(one);
    this.#insert(one, before ? this.#waiting.indexOf(before) : -1);
  }

  /** Before the first who is less urgent, or as urgent and has waited less. Returns who they are now. */
  prioritise(one: Waiting, priority: Priority): Waiting {
    const now = { ...one, priority };
    const urgency = priorities.indexOf(priority);
    this.leave(one);
    const behind = this.#waiting.findIndex((other) => {
      const theirs = priorities.indexOf(other.priority);
      return theirs > urgency || (theirs === urgency && other.waitingSince > one.waitingSince);
    });
    this.#insert(now, behind);
    return now;
  }

  /** By patient whose place is another one after `change` than before it: the new place, from 1. */
  changes(change: () => void): ReadonlyMap<string, number | null> {
    const before = placesOf(this.#waiting);
    change();
    const after = placesOf(this.#waiting);
    const changed = new Map<string, number | null>();
    for (const [patient, place] of after) if (before.get(patient) !== place) changed.set(patient, place);
    for (const patient of before.keys()) if (!after.has(patient)) changed.set(patient, null);
    return changed;
  }

  /** Below 0: at the end. */
  #insert(one: Waiting, index: number): void {
    this.#waiting.splice(index < 0 ? this.#waiting.length : index, 0, one);
  }
}

function placesOf(waiting: readonly Waiting[]): ReadonlyMap<string, number> {
  return new Map(waiting.map(({ patient }, index) => [patient, index + 1]));
}
