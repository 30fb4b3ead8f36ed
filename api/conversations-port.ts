import type { MemberRole, MessageFacts } from "../core/domain/conversation/state.ts";
import type { MessageView } from "../core/domain/conversation/view.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { ChatMember, ChatSummary } from "../core/protocol/rest.ts";

/** Reads conversations of an organisation. Whether the reader may is checked here, before. */
export interface ConversationReader {
  /** null: not a member, not let in yet, or no such room. */
  membership(org: string, ref: RoomRef, person: string): Promise<MemberRole | null>;
  members(org: string, ref: RoomRef): Promise<readonly ChatMember[]>;
  /** Exclusive seqs. With `after` the oldest come first, else the newest. */
  page(
    org: string,
    ref: RoomRef,
    query: MessagesQuery,
  ): Promise<{ readonly items: readonly MessageView[]; readonly more: boolean }>;
  /** null: no such message. */
  facts(org: string, ref: RoomRef, seq: number): Promise<MessageFacts | null>;
  /** Every text that a message had, oldest first. */
  versions(
    org: string,
    ref: RoomRef,
    seq: number,
  ): Promise<readonly { readonly seq: number; readonly at: number; readonly body: string }[]>;
  /** A person's chats, latest activity first. */
  chats(query: ChatsQuery): Promise<readonly ListedChat[]>;
  /** One of a person's chats; null: not a member, or no such chat. */
  chat(by: { readonly org: string; readonly person: string }, id: string): Promise<ChatSummary | null>;
}

interface MessagesQuery {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A chat's place in a list; `at` is its latest activity. */
interface ChatPlace {
  readonly at: number;
  readonly id: string;
}

export interface ListedChat extends ChatSummary {
  readonly at: number;
}

interface ChatsQuery {
  readonly org: string;
  readonly person: string;
  /** The last chat of the page before. */
  readonly after?: ChatPlace | undefined;
  readonly limit: number;
}
