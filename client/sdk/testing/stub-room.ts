import { foldMessages, type MessageView } from "../../../core/domain/conversation/view.ts";
import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import { chatRequests } from "../../../core/protocol/conversation.ts";
import type { CommandReply, ResumedEvent, WireEvent } from "../../../core/protocol/events.ts";
import type { HistoryPages } from "../chat/history.ts";
import type { ChatStateLike } from "../chat/room-view.ts";
import type { OpenRoom, RoomListener, RoomPort } from "../connection/room-port.ts";
import { fromRejection, unreachable } from "../errors.ts";

type Draft<E = WireEvent> = E extends WireEvent ? Omit<E, "seq" | "prev" | "at"> : never;

/** One connection of the stub; frames and replies wait here until they are let through. */
interface Seat {
  readonly listener: RoomListener<ChatStateLike>;
  readonly person: string;
  open: boolean;
  readonly fail: Set<(error: Error) => void>;
}

/**
 * A room that behaves as the server's contract says, in memory: it journals commands once per id, delivers
 * events to every seat, and answers resumes. Faults are asked of it.
 */
export class StubRoom {
  readonly events: WireEvent[] = [];
  readonly commands: { readonly name: string; readonly payload: unknown }[] = [];
  readonly cursors = new Map<string, number>();
  /** Refuses every join while set. */
  refusesJoin: Rejection | "unreachable" | null = null;
  /** Asked about every request before it is taken; a rejection refuses it. */
  refuses: (name: string, payload: unknown) => Rejection | null = () => null;
  /** Takes requests, and answers none. */
  mute = false;
  /** Answers nothing, not even a ping. */
  frozen = false;
  /** History is read when this resolves. */
  historyReady: Promise<void> = Promise.resolve();
  /** Loses events frames. */
  deaf = false;
  joins = 0;
  pageSize = 50;
  resumePage = 100;
  private readonly seats = new Set<Seat>();
  private readonly done = new Map<string, CommandReply>();
  private seq = 0;

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  get seated(): number {
    return this.seats.size;
  }

  open(person: string): OpenRoom<ChatStateLike> {
    return async (listener) => {
      this.joins += 1;
      if (this.frozen) return new Promise(() => undefined);
      if (this.refusesJoin === "unreachable") throw unreachable();
      if (this.refusesJoin) throw fromRejection(this.refusesJoin);
      const seat: Seat = { listener, person, open: true, fail: new Set() };
      this.seats.add(seat);
      queueMicrotask(() => this.showState(seat));
      return this.port(seat);
    };
  }

  readonly history: HistoryPages = async (before) => {
    await this.historyReady;
    if (this.refusesJoin === "unreachable") throw unreachable();
    const all = [...this.messages().values()].filter(({ seq }) => before === null || seq < before);
    const items = all.slice(-this.pageSize).toReversed();
    return { items, next: all.length > this.pageSize ? String(items.at(-1)?.seq) : null };
  };

  messages(): ReadonlyMap<number, MessageView> {
    return foldMessages(
      new Map(),
      this.events.map((event) => ({ seq: event.seq, at: event.at, by: event.from, event })),
    );
  }

  /** Journals an event of someone else's and delivers it. */
  tell(event: Draft): WireEvent {
    const placed: WireEvent = { ...event, seq: this.nextSeq(), prev: this.lastSeq, at: 1_000 + this.seq };
    this.events.push(placed);
    this.broadcast([placed]);
    return placed;
  }

  message(body: string, from = "other"): WireEvent {
    return this.tell({ type: "chat.message", id: `other-${this.seq + 1}`, body, from });
  }

  /** A seq that is taken and never delivered, as a cursor's. */
  skip(): void {
    this.nextSeq();
  }

  /** Sends an events frame again, or one that was never sent. */
  broadcast(events: readonly WireEvent[]): void {
    if (this.deaf || this.frozen) return;
    for (const seat of this.openSeats()) this.say(seat, (listener) => listener.events(events));
  }

  showStates(): void {
    for (const seat of this.openSeats()) this.showState(seat);
  }

  /** Closes every connection, as a crash or a close code does. */
  cut(code = 1006): void {
    for (const seat of this.openSeats()) {
      this.release(seat);
      seat.listener.closed(code);
    }
  }

  /** As after a restore from a backup that knew nothing. */
  forget(): void {
    this.events.length = 0;
    this.done.clear();
    this.seq = 0;
  }

  move(): void {
    for (const seat of this.openSeats()) seat.listener.moved();
  }

  private openSeats(): Seat[] {
    return [...this.seats].filter(({ open }) => open);
  }

  private port(seat: Seat): RoomPort {
    return {
      request: <Reply>(name: string, payload: unknown) => {
        if (!seat.open) return Promise.reject(unreachable());
        return new Promise<Reply>((resolve, reject) => {
          seat.fail.add(reject);
          if (this.frozen) return;
          try {
            const reply: Reply = JSON.parse(JSON.stringify(this.handle(seat, name, payload)));
            if (!this.mute) queueMicrotask(() => seat.open && resolve(reply));
          } catch (error) {
            reject(error);
          }
        });
      },
      ping: () =>
        new Promise((resolve) => {
          if (this.frozen || !seat.open) return;
          this.say(seat, () => undefined);
          resolve();
        }),
      drop: () => this.release(seat),
      leave: async () => {
        if (this.frozen) await new Promise(() => undefined);
        this.release(seat);
      },
    };
  }

  private release(seat: Seat): void {
    seat.open = false;
    this.seats.delete(seat);
    for (const fail of seat.fail) fail(unreachable());
  }

  private handle({ person }: Seat, name: string, payload: unknown): object {
    this.commands.push({ name, payload });
    const refusal = this.refuses(name, payload);
    if (refusal) throw fromRejection(refusal);
    const from = person;
    switch (name) {
      case "chat.resume":
        return this.resume(chatRequests[name].parse(payload).after);
      case "chat.typing":
        return chatRequests[name].parse(payload);
      case "chat.read":
        this.cursors.set(person, chatRequests[name].parse(payload).seq);
        return { seq: this.nextSeq(), at: 0 };
      case "chat.send": {
        const { id, body, replyTo } = chatRequests[name].parse(payload);
        const message = { type: "chat.message", id, body, from } as const;
        return this.once(person, replyTo === undefined ? message : { ...message, replyTo });
      }
      case "chat.edit":
        return this.once(person, { type: "chat.edited", from, ...chatRequests[name].parse(payload) });
      case "chat.delete":
        return this.once(person, { type: "chat.deleted", from, ...chatRequests[name].parse(payload) });
      case "chat.react":
        return this.once(person, { type: "chat.reacted", from, ...chatRequests[name].parse(payload) });
      default:
        throw fromRejection(rejection("unknown_request"));
    }
  }

  private once(person: string, event: Draft): CommandReply {
    const key = `${person} ${event.id}`;
    const known = this.done.get(key);
    if (known) return known;
    const { seq, at } = this.tell(event);
    this.done.set(key, { seq, at });
    return { seq, at };
  }

  private resume(after: number) {
    const rest = this.events.filter(({ seq }) => seq > after);
    const gone = (event: WireEvent) =>
      this.events.some(
        (later) => later.seq > event.seq && later.type === "chat.deleted" && later.of === event.seq,
      );
    const events = rest
      .slice(0, this.resumePage)
      .map(
        (event): ResumedEvent =>
          event.type === "chat.message" && gone(event) ? { ...event, body: null } : event,
      );
    const known = this.events.findLast(({ seq }) => seq <= after)?.seq ?? 0;
    return { events, lastSeq: events.at(-1)?.seq ?? known, more: rest.length > events.length };
  }

  private showState(seat: Seat): void {
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
    if (!this.frozen) this.say(seat, (listener) => listener.state(state));
  }

  private say(seat: Seat, what: (listener: RoomListener<ChatStateLike>) => void): void {
    if (!seat.open) return;
    seat.listener.heard();
    what(seat.listener);
  }

  private nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }
}
