import { type Rejection, rejection } from "../../errors.ts";
import type { Behaviour, Command, Recorded } from "../../feature.ts";
import type { Principal } from "../../principal.ts";
import type { RoomRef } from "../../room.ts";

/** What a command came to. A repeat of one that is recorded has no events. */
export type Answer =
  | { readonly ok: true; readonly events: readonly Recorded[] }
  | { readonly ok: false; readonly rejection: Rejection };

/** Called with every event that is recorded, and the states around it. */
export type Watch<Root> = (before: Root, recorded: Recorded, after: Root) => void;

/**
 * A room as the engine runs it, in memory: its journal numbers and dates what is decided, knows a command
 * again by its id, and gives the state back after a crash.
 */
export class SimulatedRoom<Root> {
  readonly ref: RoomRef;
  /** What must never happen to a room and did. */
  readonly faults: string[] = [];
  readonly #behaviour: Behaviour<Root>;
  readonly #watch: Watch<Root>;
  /** Whose command of which id, and what it said. */
  readonly #known = new Map<string, string>();
  readonly #errands = new Map<string, string>();
  #journal: Recorded[] = [];
  #state: Root;

  constructor(ref: RoomRef, behaviour: Behaviour<Root>, watch: Watch<Root> = () => {}) {
    this.ref = ref;
    this.#behaviour = behaviour;
    this.#watch = watch;
    this.#state = behaviour.initial;
  }

  get state(): Root {
    return this.#state;
  }

  get journal(): readonly Recorded[] {
    return this.#journal;
  }

  get due() {
    return this.#behaviour.due(this.#state);
  }

  /** What is to be done elsewhere. A repeat has to say the same. */
  get errands() {
    const errands = this.#behaviour.errands(this.#state);
    for (const { id, payload } of errands) {
      const said = JSON.stringify(payload);
      if ((this.#errands.get(id) ?? said) !== said) this.faults.push(`errand ${id} has changed`);
      this.#errands.set(id, said);
    }
    return errands;
  }

  /** Time never goes back within a room. */
  timeAt(now: number): number {
    return Math.max(now, this.#journal.at(-1)?.at ?? 0);
  }

  /** `body` is what a repeat has to say again. */
  ask(by: Principal, command: Command, now: number, body = JSON.stringify(command)): Answer {
    const key = command.id === null ? null : `${by.id} ${command.id}`;
    const said = key === null ? undefined : this.#known.get(key);
    const at = this.timeAt(now);
    const decision = this.#behaviour.decide(this.#state, command, by, at);
    if (said !== undefined) {
      const own = /^(queue|visit|media|recording)\.due$/.test(command.name);
      if (own && decision?.ok && decision.events.length > 0) this.faults.push(`lost: ${command.id}`);
      return said === body
        ? { ok: true, events: [] }
        : { ok: false, rejection: rejection("command_conflict") };
    }
    if (!decision) return { ok: false, rejection: rejection("unknown_request") };
    if (!decision.ok) return decision;
    if (key !== null && decision.events.length > 0) this.#known.set(key, body);
    const events = decision.events.map((event) => ({ seq: 0, at, by: by.id, event }));
    return { ok: true, events: events.map((recorded) => this.#record(recorded)) };
  }

  /**
   * The room as another process finds it: a snapshot, which `store` and `load` make and read, as it was after
   * `cut` events, and the journal from there; both as they come back from a database.
   */
  recover(cut = 0, store: (state: Root) => unknown = () => null, load?: (stored: string) => Root): void {
    const journal: Recorded[] = JSON.parse(JSON.stringify(this.#journal));
    const fold = (state: Root, recorded: Recorded) => this.#behaviour.evolve(state, recorded);
    const before = this.#journal.slice(0, cut).reduce(fold, this.#behaviour.initial);
    this.#state = load
      ? journal.slice(cut).reduce(fold, load(JSON.stringify(store(before))))
      : journal.reduce(fold, this.#behaviour.initial);
    this.#journal = journal;
  }

  #record(unnumbered: Recorded): Recorded {
    const recorded = { ...unnumbered, seq: this.#journal.length + 1 };
    const before = this.#state;
    this.#journal.push(recorded);
    this.#state = this.#behaviour.evolve(before, recorded);
    this.#watch(before, recorded, this.#state);
    return recorded;
  }
}
