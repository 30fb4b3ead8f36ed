import { bodyFault } from "../../../core/domain/conversation/body.ts";
import type { MemberRole } from "../../../core/domain/conversation/state.ts";
import type { MessageView } from "../../../core/domain/conversation/view.ts";
import type { Rejection } from "../../../core/domain/errors.ts";
import type { ChatPayload } from "../../../core/protocol/conversation.ts";
import type { CommandReply, ResumedEvent } from "../../../core/protocol/events.ts";
import { Courier } from "../connection/courier.ts";
import type { NetworkHints } from "../connection/network-hints.ts";
import { RoomConnection } from "../connection/room-connection.ts";
import type { OpenRoom, RoomPort } from "../connection/room-port.ts";
import { fromRejection, HugMeDoError, unreachable } from "../errors.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { newId } from "../lib/ids.ts";
import { Lane } from "../lib/lane.ts";
import type { Chat, ChatEvents, ChatSnapshot, ConnectionStatus } from "../types.ts";
import { CatchUp } from "./catch-up.ts";
import { History, type HistoryPages } from "./history.ts";
import { MessageLog } from "./message-log.ts";
import { MessageSender } from "./message-sender.ts";
import type { OutboxScope, OutboxStore } from "./outbox-store.ts";
import { ReadCursor } from "./read-cursor.ts";
import { type ChatStateLike, emptyRoom, type RoomView, readRoom } from "./room-view.ts";
import { Timeline } from "./timeline.ts";
import { TypingNotifier } from "./typing.ts";

export interface ChatParts {
  /** Which chat, and who I am. */
  readonly scope: OutboxScope;
  readonly open: OpenRoom<ChatStateLike>;
  readonly history: HistoryPages;
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly hints: NetworkHints;
  /** Told once, when the chat is closed for good; null: it was left. */
  readonly closed: (reason: Rejection | null) => void;
}

type Amendment = "chat.edit" | "chat.delete" | "chat.react" | "chat.member";

/** How long a new seat may be without a state, in ms. */
const statePatience = 10_000;
const left = "The chat was left. What is unsent stays on this device, and goes out when it is joined again.";

/** A chat that puts its parts together: what is shown, what goes out, and the connection under both. */
export class LiveChat implements Chat {
  readonly id: string;
  private readonly parts: ChatParts;
  private readonly emitter = new Emitter<ChatEvents>();
  private readonly timeline = new Timeline<ResumedEvent>();
  private readonly log = new MessageLog();
  private readonly amendments = new Lane();
  private readonly history: History;
  private readonly catchingUp: CatchUp;
  private readonly courier: Courier;
  private readonly sender: MessageSender;
  private readonly cursor: ReadCursor;
  private readonly typist: TypingNotifier;
  private readonly connection: RoomConnection<ChatStateLike>;
  private room: RoomView = emptyRoom;
  private firstState = Promise.withResolvers<number>();
  private port: RoomPort | null = null;
  /** Events up to there were before my time. */
  private joinedAt: number | null = null;
  private status: ConnectionStatus = "connecting";
  private reason: Rejection | null = null;
  private mending = false;
  private picture: ChatSnapshot | null = null;

  constructor(parts: ChatParts) {
    const { scope, store, clock, open, hints } = parts;
    const { timeline } = this;
    this.id = scope.chat;
    this.parts = parts;
    this.courier = new Courier(clock);
    this.sender = new MessageSender({
      store,
      scope,
      clock,
      courier: this.courier,
      lastSeq: () => timeline.lastSeq,
      messages: () => this.log.messages,
      changed: () => this.publish(),
    });
    this.history = new History(parts.history, this.log, (messages) => this.showHistory(messages));
    this.catchingUp = new CatchUp({
      clock,
      timeline,
      deliver: (events) => this.deliver(events),
      mending: (on) => this.showStatus(this.status, this.reason, on),
      stuck: () => this.connection.renew(),
    });
    this.typist = new TypingNotifier(
      clock,
      (on) => void this.say("chat.typing", { on }).catch(() => undefined),
    );
    this.cursor = new ReadCursor(clock, (seq) => this.say("chat.read", { seq }));
    // What was written before can be read while the seat is still being taken.
    this.history.loadNewest().catch(() => undefined);
    this.connection = new RoomConnection({ open, clock, hints, host: this.host() });
  }

  get snapshot(): ChatSnapshot {
    this.picture ??= this.draw();
    return this.picture;
  }

  on<K extends keyof ChatEvents>(name: K, listener: (value: ChatEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  send(body: string, { replyTo }: { readonly replyTo?: number } = {}): Promise<CommandReply> {
    const fault = bodyFault(body);
    if (fault) return Promise.reject(fromRejection(fault));
    this.typist.stop();
    return this.sender.send(body, replyTo);
  }

  retry(id: string): void {
    this.sender.retry(id);
  }

  discard(id: string): void {
    this.sender.discard(id);
  }

  async edit(of: number, body: string): Promise<void> {
    const fault = bodyFault(body);
    if (fault) throw fromRejection(fault);
    await this.amend("chat.edit", { id: newId(), of, body });
  }

  async delete(of: number): Promise<void> {
    await this.amend("chat.delete", { id: newId(), of });
  }

  async react(of: number, emoji: string, on: boolean): Promise<void> {
    await this.amend("chat.react", { id: newId(), of, emoji, on });
  }

  async setMember(person: string, role: MemberRole | null): Promise<void> {
    await this.amend("chat.member", { id: newId(), person, role });
  }

  markRead(seq: number): void {
    this.cursor.want(seq);
  }

  typing(on: boolean): void {
    if (on && this.port) this.typist.keystroke();
    else this.typist.stop();
  }

  loadOlder(): Promise<void> {
    return this.history.loadOlder();
  }

  async leave(): Promise<void> {
    this.sender.close(new HugMeDoError("room_closed", left));
    await this.connection.leave();
  }

  /** Closes the chat for a reason of the session's. */
  end(reason: Rejection | null): void {
    this.connection.close(reason);
  }

  private host() {
    return {
      state: (state: ChatStateLike) => this.takeState(state),
      events: (events: readonly ResumedEvent[]) => this.catchingUp.take(events),
      error: () => undefined,
      catchUp: (port: RoomPort) => this.catchUp(port),
      lost: () => this.lose(),
      status: (status: ConnectionStatus, reason: Rejection | null) => this.takeStatus(status, reason),
    };
  }

  private takeState(state: ChatStateLike): void {
    const { person } = this.parts.scope;
    this.room = readRoom(state, person, this.room);
    this.firstState.resolve(this.room.lastSeq);
    this.cursor.confirm(this.room.cursors[person] ?? 0);
    this.catchingUp.roomIsAt(this.room.lastSeq);
    this.publish();
  }

  /** On a new seat: the newest page of history if there is none yet, then everything that came after. */
  private async catchUp(port: RoomPort): Promise<void> {
    const { clock } = this.parts;
    const roomAt = await withDeadline(clock, statePatience, this.firstState.promise, unreachable);
    const newest = await this.history.loadNewest();
    this.joinedAt ??= roomAt;
    // Either may be ahead of the other, so count from the earlier; what is known already changes nothing.
    if (!this.timeline.begun) this.deliver(this.timeline.begin(Math.min(newest, roomAt)));
    try {
      await this.catchingUp.start(port);
    } catch (error) {
      if (error instanceof HugMeDoError && error.code === "seq_out_of_range") this.startOver();
      throw error;
    }
    this.port = port;
    this.courier.attach(port);
    this.cursor.start();
  }

  /** The room knows less than was shown here (it was restored from a backup): what is shown is void. */
  private startOver(): never {
    this.timeline.reset();
    this.history.reset();
    this.joinedAt = null;
    this.publish();
    throw new HugMeDoError("room_closed");
  }

  private lose(): void {
    this.port = null;
    this.firstState = Promise.withResolvers<number>();
    this.catchingUp.stop();
    this.courier.detach();
    this.cursor.stop();
    this.typist.reset();
  }

  private deliver(events: readonly ResumedEvent[]): void {
    if (events.length === 0) return;
    this.log.apply(events);
    this.sender.arrived(events.filter((event) => event.type === "chat.message"));
    this.publish();
    for (const event of events) if (event.seq > (this.joinedAt ?? 0)) this.emitter.emit("event", event);
  }

  private showHistory(messages: readonly MessageView[]): void {
    this.sender.arrived(messages);
    this.publish();
  }

  private takeStatus(status: ConnectionStatus, reason: Rejection | null): void {
    this.showStatus(status, reason, this.mending);
    if (status !== "closed") return;
    const why = reason ? fromRejection(reason) : new HugMeDoError("room_closed", left);
    this.sender.close(why);
    this.courier.close(why);
    this.parts.closed(reason);
  }

  private showStatus(status: ConnectionStatus, reason: Rejection | null, mending: boolean): void {
    const before = this.shownStatus;
    this.status = status;
    this.reason = reason;
    this.mending = mending;
    if (this.shownStatus === before) return;
    this.publish();
    this.emitter.emit("status", this.shownStatus);
  }

  /** A gap on a living connection is shown as what it is: not everything is there. */
  private get shownStatus(): ConnectionStatus {
    return this.status === "live" && this.mending ? "recovering" : this.status;
  }

  private async amend<N extends Amendment>(name: N, payload: ChatPayload<N>): Promise<void> {
    await this.amendments.run(() => this.courier.perform(name, payload));
  }

  /** Once, over the seat of this moment, if there is one. */
  private async say<N extends "chat.read" | "chat.typing">(name: N, payload: ChatPayload<N>): Promise<void> {
    if (!this.port) throw unreachable();
    await this.port.request(name, payload);
  }

  private publish(): void {
    this.picture = null;
    if (this.emitter.has("change")) this.emitter.emit("change", this.snapshot);
  }

  private draw(): ChatSnapshot {
    const { title, members, cursors, typing } = this.room;
    const { person: me, chat: id } = this.parts.scope;
    return {
      id,
      title,
      status: this.shownStatus,
      reason: this.reason,
      me,
      myRole: members.find(({ person }) => person === me)?.role ?? null,
      members,
      messages: this.log.messages,
      outbox: this.sender.outgoing,
      cursors,
      typing,
      lastSeq: this.timeline.lastSeq,
      hasOlder: this.history.hasOlder,
    };
  }
}
