import { seenBy } from "../../../../../core/domain/conversation/state.ts";
import type { MessageView } from "../../../../../core/domain/conversation/view.ts";
import type { Rejection } from "../../../../../core/domain/errors.ts";
import type { AttachedFile } from "../../../../../core/domain/file/file.ts";
import type { ChatSnapshot, OutgoingMessage } from "../../../../sdk/types.ts";
import { sameDay } from "./format.ts";

/** How far a message of mine has come. `waiting`: kept here until there is a connection. */
export type Delivery =
  | { readonly state: "sending" | "waiting" | "sent" }
  | { readonly state: "seen"; readonly by: readonly string[] }
  | { readonly state: "refused"; readonly rejection: Rejection | null };

/** What a reply answers. `message` is null where it is not loaded. */
export interface Quote {
  readonly seq: number;
  readonly message: MessageView | null;
}

export interface MessageRow {
  readonly kind: "message";
  /** Stays the same from the outbox to the journal. */
  readonly key: string;
  readonly id: string;
  /** null: still in the outbox. */
  readonly seq: number | null;
  readonly from: string;
  readonly mine: boolean;
  readonly at: number;
  /** null: deleted. */
  readonly body: string | null;
  readonly attachments: readonly AttachedFile[];
  readonly edited: boolean;
  readonly quote: Quote | null;
  readonly reactions: readonly (readonly [emoji: string, people: readonly string[]])[];
  /** First and last of a run of messages by the same person. */
  readonly opens: boolean;
  readonly closes: boolean;
  /** Of my own messages alone. */
  readonly delivery: Delivery | null;
}

export interface DayRow {
  readonly kind: "day";
  readonly key: string;
  readonly at: number;
}

export interface UnreadRow {
  readonly kind: "unread";
  readonly key: string;
}

export type Row = MessageRow | DayRow | UnreadRow;

/** Messages of one person closer together than this (ms) are shown as one run. */
const runGap = 5 * 60_000;

/**
 * What a conversation shows, from the top. `unreadAfter`: the new-messages line stands above the first
 * message of another person beyond that seq; null: no line.
 */
export function rowsOf(snapshot: ChatSnapshot, unreadAfter: number | null): readonly Row[] {
  const rows: Row[] = [];
  let lineDrawn = unreadAfter === null;
  for (const item of itemsOf(snapshot)) {
    const before = rows.at(-1);
    const previous = before?.kind === "message" ? before : null;
    if (!previous || !sameDay(previous.at, item.at))
      rows.push({ kind: "day", key: `day/${item.key}`, at: item.at });
    if (!lineDrawn && unreadAfter !== null && item.seq !== null && item.seq > unreadAfter && !item.mine) {
      rows.push({ kind: "unread", key: "unread" });
      lineDrawn = true;
    }
    const joined = rows.at(-1) === before && previous !== null && continues(previous, item);
    if (joined) rows[rows.length - 1] = { ...previous, closes: false };
    rows.push({ ...item, opens: !joined, closes: true });
  }
  return rows;
}

function continues(previous: MessageRow, next: Pick<MessageRow, "from" | "at">): boolean {
  return previous.from === next.from && next.at - previous.at < runGap;
}

type Item = Omit<MessageRow, "opens" | "closes">;

function itemsOf(snapshot: ChatSnapshot): readonly Item[] {
  const bySeq = new Map(snapshot.messages.map((message) => [message.seq, message]));
  const quote = (seq: number | undefined): Quote | null =>
    seq === undefined ? null : { seq, message: bySeq.get(seq) ?? null };
  const arrived = new Set(
    snapshot.messages.flatMap((message) => (message.from === snapshot.me ? [message.id] : [])),
  );
  const journaled = snapshot.messages.map((message) => sentItem(snapshot, message, quote(message.replyTo)));
  const underway = snapshot.outbox
    .filter((outgoing) => !arrived.has(outgoing.id))
    .map((outgoing) => outgoingItem(snapshot, outgoing, quote(outgoing.replyTo)));
  return [...journaled, ...underway];
}

function sentItem(snapshot: ChatSnapshot, message: MessageView, quote: Quote | null): Item {
  const mine = message.from === snapshot.me;
  return {
    kind: "message",
    key: `${message.from}/${message.id}`,
    id: message.id,
    seq: message.seq,
    from: message.from,
    mine,
    at: message.at,
    body: message.body,
    attachments: message.attachments ?? [],
    edited: message.editedAt !== undefined && message.body !== null,
    quote,
    reactions: Object.entries(message.reactions),
    delivery: mine && message.body !== null ? receipt(snapshot, message.seq) : null,
  };
}

function receipt(snapshot: ChatSnapshot, seq: number): Delivery {
  const readers = new Set(seenBy(snapshot.cursors, seq));
  const by = snapshot.members
    .map((member) => member.person)
    .filter((person) => person !== snapshot.me && readers.has(person));
  return by.length > 0 ? { state: "seen", by } : { state: "sent" };
}

function outgoingItem(snapshot: ChatSnapshot, outgoing: OutgoingMessage, quote: Quote | null): Item {
  return {
    kind: "message",
    key: `${snapshot.me}/${outgoing.id}`,
    id: outgoing.id,
    seq: null,
    from: snapshot.me,
    mine: true,
    at: outgoing.writtenAt,
    body: outgoing.body,
    attachments: outgoing.attachments ?? [],
    edited: false,
    quote,
    reactions: [],
    delivery: underway(snapshot, outgoing),
  };
}

function underway(snapshot: ChatSnapshot, outgoing: OutgoingMessage): Delivery {
  if (outgoing.status === "refused") return { state: "refused", rejection: outgoing.rejection ?? null };
  return { state: snapshot.status === "offline" ? "waiting" : "sending" };
}
