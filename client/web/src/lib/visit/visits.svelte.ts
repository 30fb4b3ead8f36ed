import type { Session } from "../../../../sdk/types.ts";
import { LiveVisit } from "./live-visit.svelte.ts";

/** The visits that are open in this page. One is left as soon as what was written in it has gone out. */
export class Visits {
  readonly #session: Session;
  readonly #open = new Map<string, LiveVisit>();
  readonly #onScreen = new Set<LiveVisit>();

  constructor(session: Session) {
    this.#session = session;
  }

  open(id: string): LiveVisit {
    const live =
      this.#open.get(id) ?? new LiveVisit(this.#session.joinVisit(id), (changed) => this.#settle(changed));
    this.#open.set(id, live);
    this.#onScreen.add(live);
    return live;
  }

  release(live: LiveVisit): void {
    this.#onScreen.delete(live);
    this.#settle(live);
  }

  /** Messages of mine that still have to go out. */
  unsent(): number {
    return [...this.#open.values()].reduce((sum, { live }) => sum + live.unsent, 0);
  }

  #settle(live: LiveVisit): void {
    if (!live.settled || this.#onScreen.has(live) || !this.#open.delete(live.visit.id)) return;
    void live.close();
  }
}
