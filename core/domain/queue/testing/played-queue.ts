import { waitingBehaviour } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import { PlayedRoom } from "../../testing/played-room.ts";
import type { QueueCommand } from "../commands.ts";
import { defaultSettings, type Entry, entryOf, type QueueSettings, type QueueState } from "../state.ts";
import { abe, desk, ito, named } from "./people.ts";

/** A command without its id. */
export type Unnamed<C> = C extends QueueCommand ? Omit<C, "id"> : never;

/** A queue that is asked one thing after another, at times that the test sets. */
export class PlayedQueue extends PlayedRoom<QueueState, Unnamed<QueueCommand>> {
  constructor(settings: Partial<QueueSettings> = {}, id = "desk") {
    super({ kind: "waiting", id }, waitingBehaviour, "queue.");
    const all = { ...defaultSettings, title: "Desk", ...settings };
    this.ask(desk, { name: "queue.create", settings: all, staff: [ito, abe, desk].map(named) });
  }

  get state(): QueueState {
    return this.room.state;
  }

  /** Lets a patient join and be there; returns the entry's id. */
  join(patient: Principal, more: { visit?: string; reason?: string } = {}): string {
    const { visit = null, reason = "a cough" } = more;
    const entry = `e-${patient.id}-${this.asked}`;
    this.ask(patient, { name: "queue.join", entry, reason, language: "ja", needs: [], visit });
    return entry;
  }

  entry(patient: Principal): Entry | undefined {
    return entryOf(this.state, patient.id);
  }

  /** The patients, first to last. */
  get line(): string[] {
    return [...this.state.order.values()].map((id) => this.state.entries.get(id)?.patient ?? "");
  }
}
