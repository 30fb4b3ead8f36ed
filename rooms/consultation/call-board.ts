import type { CallState as Call, Caller } from "../../core/domain/call/state.ts";
import { CallerState, type CallState } from "../state/consultation-state.ts";

/** The call in the schema. */
export class CallBoard {
  readonly #schema: CallState;
  #shown: Call | null = null;

  constructor(schema: CallState) {
    this.#schema = schema;
  }

  /** Whether anything that is shown may be different. */
  show(call: Call): boolean {
    const before = this.#shown;
    if (call === before) return false;
    this.#shown = call;
    const { session, stage } = call;
    const backend = session === null || stage === "none" ? "" : session.backend;
    this.#schema.assign({ n: session?.n ?? 0, backend, state: stage });
    if (call.people !== before?.people) this.#showPeople(call.people);
    return true;
  }

  #showPeople(people: Call["people"]): void {
    const shown = this.#schema.people;
    for (const person of [...shown.keys()]) if (!Object.hasOwn(people, person)) shown.delete(person);
    for (const [person, { since, audio, video }] of Object.entries<Caller>(people)) {
      const fields = { since, audio, video };
      const known = shown.get(person);
      if (known) known.assign(fields);
      else shown.set(person, new CallerState().assign(fields));
    }
  }
}
