import { bodyFault } from "../../../core/domain/conversation/body.ts";
import type { MemberRole } from "../../../core/domain/conversation/state.ts";
import type { MessageView } from "../../../core/domain/conversation/view.ts";
import type { Rejection } from "../../../core/domain/errors.ts";
import type { ChatPayload } from "../../../core/protocol/conversation.ts";
import type { CommandReply, ResumedEvent } from "../../../core/protocol/events.ts";
import { Courier } from "../connection/courier.ts";
import type { RoomHost } from "../connection/room-host.ts";
import type { RoomPort } from "../connection/room-port.ts";
import type { ChatMessages } from "../connection/rooms.ts";
import { fromRejection, HugMeDoError, unreachable } from "../errors.ts";
import type { FileRoom } from "../files/types.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import { newId } from "../lib/ids.ts";
import { Lane } from "../lib/lane.ts";
import type { Chat, ChatEvents, ChatSnapshot, ConnectionStatus, SendMessageOptions } from "../types.ts";
import { CatchUp } from "./catch-up.ts";
import { ChatStatus } from "./chat-status.ts";
import { History, type HistoryPages } from "./history.ts";
import { MessageLog } from "./message-log.ts";
import { MessageSender } from "./message-sender.ts";
import type { OutboxScope, OutboxStore } from "./outbox-store.ts";
import { ReadCursor } from "./read-cursor.ts";
import { type ChatStateLike, emptyRoom, type RoomView, readRoom } from "./room-view.ts";
import { Timeline } from "./timeline.ts";
import { TypingNotifier } from "./typing.ts";

export type ChatHost = RoomHost<ChatStateLike, ChatMessages>;

/** What a chat may ask of the connection that it lives on. */
export interface ChatConnection {
  /** Gives the seat up and takes another: what arrives on this one makes no sense. */
  renew(): void;
  /** Ends it for good, after a good-bye. */
  leave(): Promise<void>;
  close(reason: Rejection | null): void;
}

export interface ChatParts {
  readonly id: string;
  /** Of the room that it is in: a chat by default. */
  readonly kind?: FileRoom["kind"];
  /** Who I am, and under which name unsent messages are kept. */
  readonly scope: OutboxScope;
  /** The connection to live on: its own, or one that is shared. */
  readonly connect: (host: ChatHost) => ChatConnection;
  readonly history: HistoryPages;
  /** The history may be read before there is a seat. */
  readonly readAhead: boolean;
  readonly store: OutboxStore;
  readonly clock: Clock;
  /** Told once, when the chat is closed for good; null: it was left. */
  readonly closed: (reason: Rejection | null) => void;
}

type Amendment = "chat.edit" | "chat.delete" | "chat.react" | "chat.member";

const left = "The chat was left. What is unsent stays on this device, and goes out when it is joined again.";

/** A chat that puts its parts together: what is shown, what goes out, and the connection under both. */
export class LiveChat implements Chat {
  readonly id: string;
  readonly room: FileRoom;
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
  private readonly connection: ChatConnection;
  private view: RoomView = emptyRoom;
  /** The seat of this moment, if there is one to ask over. */
  private port: RoomPort | null = null;
  /** Events up to there were before my time. */
  private joinedAt: number | null = null;
  private readonly status: ChatStatus = new ChatStatus(() => {
    this.publish();
    this.emitter.emit("status", this.status.shown);
  });
  private picture: ChatSnapshot | null = null;

  constructor(parts: ChatParts) {
    const { id, scope, store, clock } = parts;
    const { timeline } = this;
    this.id = id;
    this.room = { kind: parts.kind ?? "chat", id };
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
      mending: (on) => this.status.isMending(on),
      stuck: () => this.connection.renew(),
    });
    this.typist = new TypingNotifier(
      clock,
      (on) => void this.say("chat.typing", { on }).catch(() => undefined),
    );
    this.cursor = new ReadCursor(clock, (seq) => this.say("chat.read", { seq }));
    if (parts.readAhead) this.history.loadNewest().catch(() => undefined);
    this.connection = parts.connect(this.host());
  }

  get snapshot(): ChatSnapshot {
    this.picture ??= this.draw();
    return this.picture;
  }

  on<K extends keyof ChatEvents>(name: K, listener: (value: ChatEvents[K]) => void): () => void {
    return this.emitter.on(name, listener);
  }

  send(body: string, options: SendMessageOptions = {}): Promise<CommandReply> {
    const fault = body === "" && options.attachments?.length ? null : bodyFault(body);
    if (fault) return Promise.reject(fromRejection(fault));
    this.typist.stop();
    return this.sender.send(body, options);
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
  shut(reason: Rejection | null): void {
    this.connection.close(reason);
  }

  private host(): ChatHost {
    return {
      state: (state) => this.takeState(state),
      message: (_, events) => this.catchingUp.take(events),
      error: () => undefined,
      catchUp: (port) => this.catchUp(port),
      lost: () => this.lose(),
      status: (status, reason) => this.takeStatus(status, reason),
    };
  }

  private takeState(state: ChatStateLike): void {
    const { person } = this.parts.scope;
    this.view = readRoom(state, person, this.view);
    this.cursor.confirm(this.view.cursors[person] ?? 0);
    this.catchingUp.roomIsAt(this.view.lastSeq);
    this.publish();
  }

  /** On a new seat: the newest page of history if there is none yet, then everything that came after. */
  private async catchUp(port: RoomPort): Promise<void> {
    const roomAt = this.view.lastSeq;
    this.port = port;
    const newest = await this.history.loadNewest();
    if (this.port !== port) throw unreachable();
    this.joinedAt ??= roomAt;
    // Either may be ahead of the other, so count from the earlier; what is known already changes nothing.
    if (!this.timeline.begun) this.deliver(this.timeline.begin(Math.min(newest, roomAt)));
    const caughtUp = this.catchingUp.start(port);
    // What has no answer need not wait for what was missed.
    this.courier.attach(port);
    this.cursor.start();
    try {
      await caughtUp;
    } catch (error) {
      const restored = error instanceof HugMeDoError && error.code === "seq_out_of_range";
      if (restored && this.port === port) this.startOver();
      throw error;
    }
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
    this.status.connectionIs(status, reason);
    if (status !== "closed") return;
    const why = reason ? fromRejection(reason) : new HugMeDoError("room_closed", left);
    this.sender.close(why);
    this.courier.close(why);
    this.parts.closed(reason);
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
    const { title, members, cursors, typing } = this.view;
    const { id } = this;
    const { person: me } = this.parts.scope;
    return {
      id,
      title,
      status: this.status.shown,
      reason: this.status.reason,
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
