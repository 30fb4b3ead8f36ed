import { foldMessages, type MessageView } from "../../../core/domain/conversation/view.ts";
import { rejection } from "../../../core/domain/errors.ts";
import { chatRequests } from "../../../core/protocol/conversation.ts";
import type { CommandReply, ResumedEvent, ResumeReply, WireEvent } from "../../../core/protocol/events.ts";
import type { HistoryPages } from "../chat/history.ts";
import { fromRejection } from "../errors.ts";

export type Draft<E = WireEvent> = E extends WireEvent ? Omit<E, "seq" | "prev" | "at"> : never;

/** A conversation as the server keeps it, in memory: commands once per id, resumes, and pages of history. */
export class StubConversation {
  readonly events: WireEvent[] = [];
  readonly cursors = new Map<string, number>();
  /** History is read when this resolves. */
  historyReady: Promise<void> = Promise.resolve();
  pageSize = 50;
  resumePage = 100;
  seq = 0;
  private readonly done = new Map<string, CommandReply>();
  private readonly deliver: (events: readonly WireEvent[]) => void;

  constructor(deliver: (events: readonly WireEvent[]) => void) {
    this.deliver = deliver;
  }

  get lastSeq(): number {
    return this.events.at(-1)?.seq ?? 0;
  }

  readonly history: HistoryPages = async (before) => {
    await this.historyReady;
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

  /** Journals an event and delivers it. */
  tell(event: Draft): WireEvent {
    const placed: WireEvent = { ...event, seq: this.nextSeq(), prev: this.lastSeq, at: 1_000 + this.seq };
    this.events.push(placed);
    this.deliver([placed]);
    return placed;
  }

  nextSeq(): number {
    this.seq += 1;
    return this.seq;
  }

  /** What was journaled before, as the next process finds it. */
  restore(events: readonly WireEvent[]): void {
    this.events.push(...events);
    this.seq = this.lastSeq;
    for (const { from, id, seq, at } of events) this.done.set(`${from} ${id}`, { seq, at });
  }

  forget(): void {
    this.events.length = 0;
    this.done.clear();
    this.seq = 0;
  }

  handle(person: string, name: string, payload: unknown): object {
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

  private resume(after: number): ResumeReply {
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
}
