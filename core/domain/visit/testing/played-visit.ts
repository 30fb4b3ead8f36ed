import type { ConsentCommand } from "../../consent/consent.ts";
import { type ConsultationState, consultationBehaviour } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import { anna, engine, ito, named } from "../../queue/testing/people.ts";
import { hour, PlayedRoom } from "../../testing/played-room.ts";
import type { VisitCommand } from "../commands.ts";
import type { GuestRole, VisitState } from "../state.ts";

/** A command without its id. */
export type Unnamed<C> = C extends VisitCommand | ConsentCommand ? Omit<C, "id"> : never;
type Asked = Unnamed<VisitCommand | ConsentCommand>;

/** A consultation that is asked one thing after another, at times that the test sets. */
export class PlayedVisit extends PlayedRoom<ConsultationState, Asked> {
  constructor() {
    super({ kind: "consultation", id: "v" }, consultationBehaviour, "visit.");
  }

  get state(): VisitState {
    return this.room.state.visit;
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

  admission(person: Principal): string | undefined {
    return this.state.participants[person.id]?.admission;
  }

  /** Who talks in the visit's conversation, and as what. */
  get chat(): Readonly<Record<string, string>> {
    const { members } = this.room.state.conversation;
    return Object.fromEntries(Object.entries(members).map(([person, { role }]) => [person, role]));
  }
}
