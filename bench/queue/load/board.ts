import { Decoder } from "@colyseus/schema";
import { type Priority, priorities } from "../../../core/domain/queue/state.ts";
import { EntryState, WaitingState } from "../../../rooms/state/waiting-state.ts";
import type { Waiting } from "./line.ts";

/** One staff screen: the queue as the state and the patches that were sent show it. */
export class Board {
  readonly #decoder = new Decoder(new WaitingState());
  readonly #byPatient = new Map<string, EntryState>();
  #changed = new Set<string>();

  constructor() {
    this.#decoder.triggerChanges = (changes) => {
      for (const { ref, value, previousValue } of changes) {
        for (const one of [ref, value, previousValue]) if (one instanceof EntryState) this.#note(one);
      }
    };
  }

  /** Takes in a state or a patch, and returns the patients whose entries it changed. */
  take(frame: Uint8Array): ReadonlySet<string> {
    this.#changed = new Set();
    this.#decoder.decode(frame, { offset: 1 });
    return this.#changed;
  }

  get size(): number {
    return this.#decoder.state.entries.size;
  }

  /** null: they have no place. */
  statusOf(patient: string): string | null {
    return this.#byPatient.get(patient)?.status ?? null;
  }

  /** Throws when they have no place. */
  waiting(patient: string): Waiting {
    const shown = this.#byPatient.get(patient);
    if (!shown) throw new Error(`The staff do not see ${patient}.`);
    return toWaiting(shown);
  }

  /** Everyone, first to last. */
  inOrder(): readonly Waiting[] {
    return [...this.#decoder.state.entries.values()]
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(toWaiting);
  }

  #note({ id, patient }: EntryState): void {
    this.#changed.add(patient);
    const entry = this.#decoder.state.entries.get(id);
    if (entry) this.#byPatient.set(patient, entry);
    else if (this.#byPatient.get(patient)?.id === id) this.#byPatient.delete(patient);
  }
}

function toWaiting({ id, patient, priority, waitingSince }: EntryState): Waiting {
  return { entry: id, patient, priority: priorityOf(priority), waitingSince };
}

function priorityOf(name: string): Priority {
  const priority = priorities.find((known) => known === name);
  if (priority) return priority;
  throw new Error(`"${name}" is no priority.`);
}
