import { type ConsultationState, consultationBehaviour } from "../../kinds.ts";
import type { Principal } from "../../principal.ts";
import { anna, engine, ito, named } from "../../queue/testing/people.ts";
import { type Answer, SimulatedRoom } from "../../queue/testing/simulated-room.ts";
import { morning } from "../../testing/played-room.ts";
import type { VisitCommand } from "../../visit/commands.ts";
import type { CallCommand } from "../commands.ts";
import { type BackendName, backendNames, type CallState } from "../state.ts";

type Unnamed<C> = C extends CallCommand | VisitCommand ? Omit<C, "id"> : never;

/** A visit of Anna's with Dr Ito, both there, and the call in it; the test plays the backends. */
export class PlayedCall {
  readonly room: SimulatedRoom<ConsultationState>;
  now = morning;
  order: readonly BackendName[];
  #asked = 0;

  constructor(order: readonly BackendName[] = backendNames) {
    this.order = order;
    this.room = new SimulatedRoom({ kind: "consultation", id: "v" }, consultationBehaviour);
    this.ask(ito, {
      name: "visit.create",
      patient: named(anna),
      clinician: named(ito),
      reason: "",
      schedule: null,
    });
    this.come(ito, anna);
  }

  get call(): CallState {
    return this.room.state.call;
  }

  /** What carries the call now: `open peer 2`. */
  get stands(): string {
    const { stage, session } = this.call;
    return stage === "none" ? "none" : `${stage} ${session?.backend} ${session?.n}`;
  }

  get people(): readonly string[] {
    return Object.keys(this.call.people);
  }

  /** What came of it: the kinds of events, "nothing", or why not. */
  ask(by: Principal, command: Unnamed<CallCommand | VisitCommand>): string {
    this.#asked += 1;
    return tell(this.room.ask(by, { ...command, id: `asked-${this.#asked}` }, this.now));
  }

  come(...people: readonly Principal[]): string[] {
    return people.map(({ id }) => this.ask(engine, { name: "visit.presence", person: id, online: true }));
  }

  go(...people: readonly Principal[]): string[] {
    return people.map(({ id }) => this.ask(engine, { name: "visit.presence", person: id, online: false }));
  }

  /** Somebody comes by invitation, and is let in. */
  bring(guest: Principal): void {
    const invitation = `of ${guest.id}`;
    const invite = { invitation, hash: invitation, role: "family", label: "", lastsMs: 60_000 } as const;
    this.ask(ito, { name: "visit.invite", ...invite });
    const who = { guest: guest.id, guestName: guest.name };
    this.ask(engine, { name: "visit.accept", invitation, hash: invitation, ...who });
    this.ask(ito, { name: "visit.admit", participant: guest.id });
    this.come(guest);
  }

  join(by: Principal, backends: readonly BackendName[] = backendNames): string {
    const capabilities = { backends, audio: true, video: true };
    return this.ask(by, { name: "media.join", capabilities, order: this.order });
  }

  fail(by: Principal, session = this.call.session?.n ?? 0, reason = "ice_failed"): string {
    return this.ask(by, { name: "media.failed", session, reason, order: this.order });
  }

  /** The backend has lost the session, or is about to end where it runs. */
  lose(reason: string, n = this.call.session?.n ?? 0): string {
    return this.ask(engine, { name: "media.lost", n, reason, order: this.order });
  }

  /** The backends answer everything that is asked of them; those that `fail` open nothing. */
  answer(...failing: readonly BackendName[]): string[] {
    return this.room.errands.flatMap((errand) => {
      const works = errand.name !== "open" || !failing.some((backend) => backend === errand.to.id);
      return this.settle(errand.id, works);
    });
  }

  settle(id: string, works: boolean): string[] {
    const errand = this.room.errands.find((one) => one.id === id);
    const command = errand?.settle(
      works
        ? { ok: true, answer: `place of ${id}` }
        : { ok: false, rejection: { code: "media_unavailable", message: "" } },
    );
    return command ? [tell(this.room.ask(engine, command, this.now, command.name))] : [];
  }

  /** What the room does by itself next, at its time. */
  fire(): string[] {
    const { due } = this.room;
    if (!due) return [];
    this.now = Math.max(this.now, due.at);
    return [tell(this.room.ask(engine, due.command, this.now, due.command.name))];
  }

  /** The process dies, and another wakes the room: nobody is connected. */
  crash(): void {
    this.room.recover();
    this.room.ask(engine, { name: "visit.wake", id: null }, this.now);
  }
}

function tell(answer: Answer): string {
  if (!answer.ok) return answer.rejection.code;
  return answer.events.map(({ event }) => event.type).join(" ") || "nothing";
}
