import type { ConsentCommand } from "../../consent/consent.ts";
import type { Rejection } from "../../errors.ts";
import { type ConsultationState, consultationBehaviour } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import { anna, engine, ito, named } from "../../queue/testing/people.ts";
import { minute, morning } from "../../queue/testing/played-queue.ts";
import { type Answer, SimulatedRoom } from "../../queue/testing/simulated-room.ts";
import type { VisitCommand } from "../commands.ts";
import type { GuestRole, VisitState } from "../state.ts";

/** A command without its id. */
export type Unnamed<C> = C extends VisitCommand | ConsentCommand ? Omit<C, "id"> : never;
type Asked = Unnamed<VisitCommand | ConsentCommand>;

export const hour = 60 * minute;

/** A consultation that is asked one thing after another, at times that the test sets. */
export class PlayedVisit {
  readonly room: SimulatedRoom<ConsultationState>;
  now = morning;
  #asked = 0;

  constructor() {
    this.room = new SimulatedRoom({ kind: "consultation", id: "v" }, consultationBehaviour);
  }

  get state(): VisitState {
    return this.room.state.visit;
  }

  /** What came of it: the kinds of events, "nothing", or why not. */
  ask(by: Principal, command: Asked): string {
    const answer = this.answer(by, command);
    if (!answer.ok) return answer.rejection.code;
    return answer.events.map(({ event }) => event.type.replace("visit.", "")).join(" ") || "nothing";
  }

  refusal(by: Principal, command: Asked): Rejection | null {
    const answer = this.answer(by, command);
    return answer.ok ? null : answer.rejection;
  }

  answer(by: Principal, command: Asked): Answer {
    this.#asked += 1;
    return this.room.ask(by, { ...command, id: `asked-${this.#asked}` }, this.now);
  }

  /** Anna is seen by Dr Ito, at a time that was agreed or whenever she comes. */
  create(schedule: { at: number; minutes: number } | null = null, clinician: Principal | null = ito): string {
    const who = clinician && named(clinician);
    return this.ask(ito, {
      name: "visit.create",
      patient: named(anna),
      clinician: who,
      reason: "",
      schedule,
    });
  }

  come(...people: readonly Principal[]): string[] {
    return people.map(({ id }) => this.ask(engine, { name: "visit.presence", person: id, online: true }));
  }

  go(...people: readonly Principal[]): string[] {
    return people.map(({ id }) => this.ask(engine, { name: "visit.presence", person: id, online: false }));
  }

  /** An invitation of that id, which is also its hash. */
  invite(invitation: string, role: GuestRole = "interpreter", lastsMs = hour): string {
    const invite = { invitation, hash: `hash of ${invitation}`, role, label: "", lastsMs };
    return this.ask(ito, { name: "visit.invite", ...invite });
  }

  accept(invitation: string, guest: Principal, hash = `hash of ${invitation}`): string {
    const who = { guest: guest.id, guestName: guest.name };
    return this.ask(engine, { name: "visit.accept", invitation, hash, ...who });
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
    return answer.ok ? answer.events.map(({ event }) => event.type.replace("visit.", "")) : [];
  }

  admission(person: Principal): string | undefined {
    return this.state.participants[person.id]?.admission;
  }

  /** Who talks in the visit's conversation, and as what. */
  get chat(): Readonly<Record<string, string>> {
    const { members } = this.room.state.conversation;
    return Object.fromEntries(Object.entries(members).map(([person, { role }]) => [person, role]));
  }
}
