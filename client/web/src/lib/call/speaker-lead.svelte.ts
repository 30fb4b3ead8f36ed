import type { CallPerson } from "../../../../sdk/types.ts";
import { leadAfter, nobodyLeads } from "./tiles.ts";

/** Who leads the talk, looked at whenever somebody begins or ceases to speak, and once more when that has settled. */
export class SpeakerLead {
  #lead = nobodyLeads;
  #person = $state<string | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** null: nobody has spoken yet. */
  get person(): string | null {
    return this.#person;
  }

  look(people: readonly CallPerson[]): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#lead = leadAfter(this.#lead, people, now);
    this.#person = this.#lead.person;
    const { speaks, until } = this.#lead;
    if (!speaks && until > now && people.some(({ speaking }) => speaking)) {
      this.#timer = setTimeout(() => this.look(people), until - now);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
