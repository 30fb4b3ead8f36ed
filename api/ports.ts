import type { MemberRole, MessageFacts } from "../core/domain/conversation/state.ts";
import type { MessageView } from "../core/domain/conversation/view.ts";
import type { Principal, Role } from "../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../core/domain/room.ts";
import type { Identity } from "../core/platform/identity/identity.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { CommandReply } from "../core/protocol/events.ts";
import type { ChatMember, ChatSummary } from "../core/protocol/rest.ts";

/** The way to the rooms, wherever they are awake. Every failure is a DomainError. */
export interface RoomGateway {
  /** Runs a request as if it came through a socket; resolves when it is durable. */
  command(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<RoomReply>;
  /**
   * Makes a room with the payload of its kind's `create` request and a new id. The same `request.id` by
   * the same person gives the same room.
   */
  create(
    by: Principal,
    kind: RoomKindName,
    request: NewRoom,
  ): Promise<CommandReply & { readonly id: string }>;
}

/** Of a journaled request: `{ seq, at }`, see `CommandReply`. */
export type RoomReply = Readonly<Record<string, unknown>>;

export interface NewRoom {
  readonly id: string;
  readonly title: string;
  readonly members: readonly { readonly person: string; readonly role: MemberRole }[];
  readonly subject?: string;
}

/** Reads conversations. Whether the reader may is checked here, before. */
export interface ConversationReader {
  /** null: not a member, or no such room. */
  membership(ref: RoomRef, person: string): Promise<MemberRole | null>;
  members(ref: RoomRef): Promise<readonly ChatMember[]>;
  /** Exclusive seqs. With `after` the oldest come first, else the newest. */
  page(
    ref: RoomRef,
    query: MessagesQuery,
  ): Promise<{ readonly items: readonly MessageView[]; readonly more: boolean }>;
  /** null: no such message. */
  facts(ref: RoomRef, seq: number): Promise<MessageFacts | null>;
  /** Every text that a message had, oldest first. */
  versions(
    ref: RoomRef,
    seq: number,
  ): Promise<readonly { readonly seq: number; readonly at: number; readonly body: string }[]>;
  /** A person's chats, latest activity first. */
  chats(query: ChatsQuery): Promise<readonly ListedChat[]>;
  /** One of a person's chats; null: not a member, or no such chat. */
  chat(by: { readonly org: string; readonly person: string }, id: string): Promise<ChatSummary | null>;
}

export interface MessagesQuery {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A chat's place in a list; `at` is its latest activity. */
export interface ChatPlace {
  readonly at: number;
  readonly id: string;
}

export interface ListedChat extends ChatSummary {
  readonly at: number;
}

export interface ChatsQuery {
  readonly org: string;
  readonly person: string;
  /** The last chat of the page before. */
  readonly after?: ChatPlace | undefined;
  readonly limit: number;
}

/** A part that the process cannot do its work without. */
export interface ReadinessCheck {
  readonly name: string;
  /** Why it is not ready, without secrets; null when it is. May throw. */
  check(): Promise<string | null>;
}

export interface DemoAccount {
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

export type IdentityPort = Pick<
  Identity,
  "signIn" | "refresh" | "verify" | "jwks" | "demoAccounts" | "people"
> & {
  readonly sessions: Pick<Identity["sessions"], "end" | "endByToken">;
};

export interface ApiSettings {
  /** Where browsers reach us, as a URL; null: at whatever host they name. */
  readonly publicAddress: string | null;
  /** Origins of other pages that may use this API. */
  readonly origins?: readonly string[];
  /** Proxies in front of us, whose forwarded addresses are believed. */
  readonly trustedProxies?: number;
  /** Per sign-in; twice as many may come at once. */
  readonly commandsPerSecond: number;
  /** CSP sources of the page's inline scripts, like `'sha256-…'`. */
  readonly scriptHashes?: readonly string[];
  /** CSP sources of our other processes, where the page dials them at other hosts. */
  readonly connectSources?: readonly string[];
}

/** All that the API needs of the rest. */
export interface ApiDeps {
  readonly identity: IdentityPort;
  readonly rooms: RoomGateway;
  readonly conversations: ConversationReader;
  readonly checks: readonly ReadinessCheck[];
  readonly logger: Logger;
  readonly settings: ApiSettings;
}
