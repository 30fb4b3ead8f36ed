import type { MessageView } from "../../../core/domain/conversation/view.ts";
import type { WireEvent } from "../../../core/protocol/events.ts";
import type { HistoryPages } from "../chat/history.ts";
import type { ChatStateLike } from "../chat/room-view.ts";
import type { ChatMessages } from "../connection/rooms.ts";
import { unreachable } from "../errors.ts";
import { type Draft, StubConversation } from "./stub-conversation.ts";
import { type Seat, StubSeats } from "./stub-seats.ts";

/**
 * A chat's room that behaves as the server's contract says, in memory: it journals commands once per id,
 * delivers events to every seat, and answers resumes. Faults are asked of it.
 */
export class StubRoom extends StubSeats<ChatStateLike, ChatMessages> {
  /** Loses events frames. */
  deaf = false;
  private readonly conversation = new StubConversation((events) => this.broadcast(events));

  get events(): WireEvent[] {
    return this.conversation.events;
  }

  get cursors(): Map<string, number> {
    return this.conversation.cursors;
  }

  get lastSeq(): number {
    return this.conversation.lastSeq;
  }

  set historyReady(ready: Promise<void>) {
    this.conversation.historyReady = ready;
  }

  set pageSize(size: number) {
    this.conversation.pageSize = size;
  }

  set resumePage(size: number) {
    this.conversation.resumePage = size;
  }

  readonly history: HistoryPages = (before) =>
    this.refusesJoin === "unreachable" ? Promise.reject(unreachable()) : this.conversation.history(before);

  messages(): ReadonlyMap<number, MessageView> {
    return this.conversation.messages();
  }

  /** Journals an event of someone else's and delivers it. */
  tell(event: Draft): WireEvent {
    return this.conversation.tell(event);
  }

  message(body: string, from = "other"): WireEvent {
    return this.tell({ type: "chat.message", id: `other-${this.conversation.seq + 1}`, body, from });
  }

  /** A seq that is taken and never delivered, as a cursor's. */
  skip(): void {
    this.conversation.nextSeq();
  }

  /** Sends an events frame again, or one that was never sent. */
  broadcast(events: readonly WireEvent[]): void {
    if (!this.deaf) this.send("events", events);
  }

  showStates(): void {
    for (const seat of this.openSeats()) this.welcome(seat);
  }

  /** As after a restore from a backup that knew nothing. */
  forget(): void {
    this.conversation.forget();
  }

  protected handle({ person }: Seat<ChatStateLike, ChatMessages>, name: string, payload: unknown): object {
    return this.conversation.handle(person, name, payload);
  }

  protected welcome(seat: Seat<ChatStateLike, ChatMessages>): void {
    const state: ChatStateLike = {
      title: "Stub",
      lastSeq: this.lastSeq,
      members: new Map([
        ["me", { name: "Me", role: "member", online: true }],
        ["other", { name: "Other", role: "admin", online: false }],
      ]),
      cursors: this.cursors,
      typing: new Map(),
    };
    this.say(seat, (listener) => listener.state(state));
  }
}
