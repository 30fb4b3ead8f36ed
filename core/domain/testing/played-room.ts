import type { Rejection } from "../errors.ts";
import type { Behaviour, Command } from "../feature.ts";
import type { Principal } from "../principal.ts";
import { engine } from "../queue/testing/people.ts";
import { type Answer, SimulatedRoom } from "../queue/testing/simulated-room.ts";
import type { RoomRef } from "../room.ts";

export const minute = 60_000;
export const hour = 60 * minute;
/** A Monday, 09:00 in Tokyo. */
export const morning = Date.UTC(2026, 0, 5, 0, 0);

/** A room that is asked one thing after another, at times that the test sets. `C`: its commands, without their ids. */
export class PlayedRoom<Root, C extends Omit<Command, "id">> {
  readonly room: SimulatedRoom<Root>;
  now = morning;
  readonly #prefix: string;
  #asked = 0;

  /** `prefix`: what its own events begin with, and what is not said of them. */
  constructor(ref: RoomRef, behaviour: Behaviour<Root>, prefix: string) {
    this.room = new SimulatedRoom(ref, behaviour);
    this.#prefix = prefix;
  }

  get asked(): number {
    return this.#asked;
  }

  /** What came of it: the kinds of events, "nothing", or why not. */
  ask(by: Principal, command: C): string {
    const answer = this.answer(by, command);
    return answer.ok ? this.#kinds(answer).join(" ") || "nothing" : answer.rejection.code;
  }

  /** Why not, and who was faster; null: it was done. */
  refusal(by: Principal, command: C): Rejection | null {
    const answer = this.answer(by, command);
    return answer.ok ? null : answer.rejection;
  }

  answer(by: Principal, command: C): Answer {
    this.#asked += 1;
    return this.room.ask(by, { ...command, id: `asked-${this.#asked}` }, this.now);
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
    return answer.ok ? this.#kinds(answer) : [];
  }

  #kinds({ events }: Extract<Answer, { ok: true }>): string[] {
    return events.map(({ event }) => event.type.replace(this.#prefix, ""));
  }
}
