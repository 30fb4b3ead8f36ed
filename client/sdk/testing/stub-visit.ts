import type { Admission, VisitRole } from "../../../core/domain/visit/state.ts";
import { chatRequests } from "../../../core/protocol/conversation.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type { YouMessage } from "../../../core/protocol/visit.ts";
import type { VisitMessages } from "../connection/rooms.ts";
import type { VisitStateLike } from "../visit/visit-state.ts";
import { StubCall } from "./stub-call.ts";
import { StubConversation } from "./stub-conversation.ts";
import { type Seat, StubSeats } from "./stub-seats.ts";

type VisitSeat = Seat<VisitStateLike, VisitMessages>;

/** A consultation in memory. Whoever is admitted sees everything, and hears the conversation. */
export class StubVisit extends StubSeats<VisitStateLike, VisitMessages> {
  readonly journal: { readonly name: string; readonly id: string }[] = [];
  readonly people = new Map<string, { readonly role: VisitRole; admission: Admission }>();
  readonly conversation = new StubConversation((events) => {
    for (const seat of this.inside()) this.say(seat, (listener) => listener.message("events", events));
  });
  readonly call: StubCall = new StubCall({
    tell: (name, payload, person) => this.send(name, payload, person),
    show: () => this.show(),
  });
  phase = "waiting";
  held = false;

  constructor() {
    super();
    this.people.set("clinician", { role: "clinician", admission: "admitted" });
    this.people.set("me", { role: "patient", admission: "expected" });
  }

  /** Lets a person in, on the connections that they have. */
  admit(person: string): void {
    const someone = this.people.get(person);
    if (someone) someone.admission = "admitted";
    for (const seat of this.openSeats()) if (seat.person === person) this.welcome(seat);
  }

  message(body: string, from = "clinician"): void {
    this.conversation.tell({ type: "chat.message", id: `said-${this.conversation.seq}`, body, from });
  }

  show(): void {
    for (const seat of this.openSeats()) this.showTo(seat);
  }

  protected welcome(seat: VisitSeat): void {
    this.showTo(seat);
    const you = this.you(seat.person);
    this.say(seat, (listener) => listener.message("visit.you", you));
  }

  protected handle({ person }: VisitSeat, name: string, payload: { readonly id?: string }): object {
    if (Object.hasOwn(chatRequests, name)) return this.conversation.handle(person, name, payload);
    const { id } = payload;
    if (name === "media.signal") return this.call.signal(person, payload);
    if (id === undefined) return { phase: this.phase };
    const known = this.journal.findIndex((done) => done.id === id);
    const at = known >= 0 ? known : this.journal.push({ name, id }) - 1;
    const reply: CommandReply = { seq: at + 1, at: 1_000 + at };
    if (name.startsWith("media.")) return { ...reply, ...this.call.handle(person, name, payload) };
    return name === "visit.invite" ? { ...reply, invitation: `i-${id}`, code: `code of ${id}` } : reply;
  }

  /** Presence is shown as it changes. */
  override cutOne(person: string, code?: number): void {
    super.cutOne(person, code);
    this.show();
  }

  private isHere(person: string): boolean {
    return this.openSeats().some((seat) => seat.person === person);
  }

  private inside(): VisitSeat[] {
    return this.openSeats().filter(({ person }) => this.you(person).admission === "admitted");
  }

  private you(person: string): YouMessage {
    const { role = "observer", admission = "expected" } = this.people.get(person) ?? {};
    return { role, admission, locked: false };
  }

  private showTo(seat: VisitSeat): void {
    const { phase, people, conversation } = this;
    const outside = {
      phase,
      outcome: "",
      locked: false,
      held: this.held,
      scheduledAt: 0,
      minutes: 0,
      startedAt: 0,
      endedAt: 0,
      clinicianName: "Dr. Lindqvist",
    };
    const participants = [...people].map(
      ([person, { role, admission }]) =>
        [person, { name: person, role, admission, online: this.isHere(person), media: "none" }] as const,
    );
    const inside: VisitStateLike = {
      ...outside,
      patient: "me",
      clinician: "clinician",
      reason: "follow-up",
      participants: new Map(participants),
      invitations: new Map(),
      consents: new Map(),
      call: this.call.state,
      title: "",
      lastSeq: conversation.lastSeq,
      members: new Map(
        [...people.keys()].map((person) => [person, { name: person, role: "member", online: true }]),
      ),
      cursors: conversation.cursors,
      typing: new Map(),
    };
    const state = this.you(seat.person).admission === "admitted" ? inside : outside;
    this.say(seat, (listener) => listener.state(state));
  }
}
