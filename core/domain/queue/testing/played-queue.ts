import type { Rejection } from "../../errors.ts";
import { waitingBehaviour } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import type { QueueCommand } from "../commands.ts";
import { defaultSettings, type Entry, entryOf, type QueueSettings, type QueueState } from "../state.ts";
import { abe, desk, engine, ito, named } from "./people.ts";
import { type Answer, SimulatedRoom } from "./simulated-room.ts";

/** A command without its id. */
export type Unnamed<C> = C extends QueueCommand ? Omit<C, "id"> : never;

export const minute = 60_000;
/** A Monday, 09:00 in Tokyo. */
export const morning = Date.UTC(2026, 0, 5, 0, 0);

/** A queue that is asked one thing after another, at times that the test sets. */
export class PlayedQueue {
  readonly room: SimulatedRoom<QueueState>;
  now = morning;
  #asked = 0;

  constructor(settings: Partial<QueueSettings> = {}, id = "desk") {
    this.room = new SimulatedRoom({ kind: "waiting", id }, waitingBehaviour);
    const all = { ...defaultSettings, title: "Desk", ...settings };
    this.ask(desk, { name: "queue.create", settings: all, staff: [ito, abe, desk].map(named) });
  }

  get state(): QueueState {
    return this.room.state;
  }

  /** What came of it: the kinds of events, "nothing", or why not. */
  ask(by: Principal, command: Unnamed<QueueCommand>): string {
    const answer = this.answer(by, command);
    if (!answer.ok) return answer.rejection.code;
    return answer.events.map(({ event }) => event.type.replace("queue.", "")).join(" ") || "nothing";
  }

  /** Why not, and who was faster; null: it was done. */
  refusal(by: Principal, command: Unnamed<QueueCommand>): Rejection | null {
    const answer = this.answer(by, command);
    return answer.ok ? null : answer.rejection;
  }

  answer(by: Principal, command: Unnamed<QueueCommand>): Answer {
    this.#asked += 1;
    return this.room.ask(by, { ...command, id: `asked-${this.#asked}` }, this.now);
  }

  /** Lets a patient join and be there; returns the entry's id. */
  join(patient: Principal, more: { visit?: string; reason?: string } = {}): string {
    const { visit = null, reason = "a cough" } = more;
    const entry = `e-${patient.id}-${this.#asked}`;
    this.ask(patient, { name: "queue.join", entry, reason, language: "ja", needs: [], visit });
    return entry;
  }

  /** Time passes, and what is due is done: at the end of it, or each thing `promptly` at its time. */
  pass(ms: number, how: "promptly" | "late" = "promptly"): string[] {
    const done: string[] = [];
    const end = this.now + ms;
    for (let due = this.room.due; due && due.at <= end; due = this.room.due) {
      this.now = how === "late" ? end : Math.max(this.now, due.at);
      done.push(...this.fire());
      if (done.length > 10_000) throw new Error(`${due.command.id} is due for ever`);
    }
    this.now = end;
    return done;
  }

  /** What the room does by itself next, now, whether its time has come or not. */
  fire(): string[] {
    const { due } = this.room;
    if (!due) return [];
    const answer = this.room.ask(engine, due.command, this.now, due.command.name);
    if (this.room.due?.command.id === due.command.id) throw new Error(`${due.command.id} is still due`);
    return answer.ok ? answer.events.map(({ event }) => event.type.replace("queue.", "")) : [];
  }

  entry(patient: Principal): Entry | undefined {
    return entryOf(this.state, patient.id);
  }

  /** The patients, first to last. */
  get line(): string[] {
    return [...this.state.order.values()].map((id) => this.state.entries.get(id)?.patient ?? "");
  }
}
