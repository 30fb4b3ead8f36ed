import type { BackendName } from "../core/domain/call/state.ts";
import type { MemberRole, MessageFacts } from "../core/domain/conversation/state.ts";
import type { MessageView } from "../core/domain/conversation/view.ts";
import type { Principal, Role } from "../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../core/domain/room.ts";
import type { FileService } from "../core/platform/files/file-service.ts";
import type { Identity } from "../core/platform/identity/identity.ts";
import type { EventStreams } from "../core/platform/journal/event-streams.ts";
import type { PublicEvents } from "../core/platform/journal/public-events.ts";
import type { RateLimits } from "../core/platform/limits/rate-limits.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { Vault } from "../core/platform/objects/vault.ts";
import type { NewAuditEntry } from "../core/platform/repositories/audit.ts";
import type { IdempotencyKeys } from "../core/platform/repositories/idempotency-keys.ts";
import type { Memberships } from "../core/platform/repositories/memberships.ts";
import type { RoomHistory } from "../core/platform/repositories/room-history.ts";
import type { RoomListings } from "../core/platform/repositories/room-listings.ts";
import type { DependencyReport } from "../core/platform/resilience/record.ts";
import type { Search } from "../core/platform/search/search.ts";
import type { Webhooks } from "../core/platform/webhooks/webhooks.ts";
import type { ClusterProcess, ClusterRoom, MoveOutcome, RebalancePlan } from "../core/protocol/cluster.ts";
import type { CommandReply } from "../core/protocol/events.ts";
import type { ChatMember, ChatSummary } from "../core/protocol/rest.ts";
import type { BreakGlassPort } from "./break-glass-port.ts";
import type { RecordsPort } from "./records-port.ts";

/** The way to the rooms, wherever they are awake. Every failure is a DomainError. */
export interface RoomGateway {
  /** Runs a request as if it came through a socket; resolves when it is durable. */
  command(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<RoomReply>;
  /**
   * Makes a room with a new id. The same `payload.id` by the same person gives the same room.
   */
  create(by: Principal, room: NewRoom): Promise<CommandReply & { readonly id: string }>;
  /**
   * A request of the engine itself, in the room's own organisation: for people who are not known yet. What
   * it may do for them has been settled before.
   */
  system(org: string, ref: RoomRef, name: string, payload: unknown): Promise<RoomReply>;
  /** The organisation of a room, for the same people; null: no such room. */
  org(ref: RoomRef): Promise<string | null>;
}

/** Of a journaled request: `{ seq, at }`, see `CommandReply`. */
export type RoomReply = Readonly<Record<string, unknown>>;

export interface NewRoom {
  readonly kind: RoomKindName;
  /** Whom it is about: it is encrypted under that person's key. */
  readonly subject?: string | undefined;
  /** Of the request that makes rooms of this kind. */
  readonly payload: { readonly id: string };
}

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

/** Rooms as they were. Whether the reader may is checked here, before. */
export interface HistoryReader extends RoomHistory {
  /** Whether the organisation has such a room. */
  exists(org: string, ref: RoomRef): Promise<boolean>;
}

/** Keeps who saw what, with the time. */
export interface AuditLog {
  /** Resolves once the entry is durable: the answer that it is about comes after that. */
  record(entry: Omit<NewAuditEntry, "at">): Promise<void>;
  recordAll(entries: readonly Omit<NewAuditEntry, "at">[]): Promise<void>;
}

/** What carries calls: what there is, and what organisations have chosen of it. */
export interface MediaOrders {
  /** In the installation's order. */
  readonly backends: readonly BackendName[];
  /** null: the installation's order. */
  chosen(org: string): Promise<readonly BackendName[] | null>;
  /** Resolves once it is durable. Throws `precondition_failed` unless it takes the place of one that `replaces` allows. */
  choose(
    org: string,
    order: readonly BackendName[] | null,
    replaces?: (present: readonly BackendName[] | null) => boolean,
  ): Promise<void>;
}

/** The processes of the cluster and the rooms on them, for operators. Every failure is a DomainError. */
export interface ClusterControl {
  processes(): Promise<readonly ClusterProcess[]>;
  /** In the order of their addresses. `process`: only those awake there. `after`: the last of the page before. */
  rooms(query: ClusterRoomsQuery): Promise<readonly ClusterRoom[]>;
  /** From now on it takes no new rooms and hands those it has to the others. Throws `not_found`. */
  drain(process: string): Promise<ClusterProcess>;
  undrain(process: string): Promise<ClusterProcess>;
  /** Resolves when the room is there. Throws `room_not_found`, `not_found`, `room_asleep`, `room_fragile`, `no_process`. */
  move(ref: RoomRef, options: { readonly to: string | null; readonly force: boolean }): Promise<MoveOutcome>;
  /** Evens out rooms over the processes; with `dryRun` it only says how. It goes on after the answer. */
  rebalance(options: { readonly dryRun: boolean }): Promise<RebalancePlan>;
}

export interface ClusterRoomsQuery {
  readonly process?: string | undefined;
  readonly kind?: RoomKindName | undefined;
  readonly after?: RoomRef | undefined;
  readonly limit: number;
}

/** A part that the process does its work with. */
export interface ReadinessCheck {
  /** One word: it is a label of a metric too. */
  readonly name: string;
  /** The process goes on without it, less well. */
  readonly optional?: boolean;
  /** Why it is not ready, without secrets; null when it is. May throw. */
  check(): Promise<string | null>;
}

/** What this process measures. */
export interface MetricsReader {
  /** As Prometheus reads it, with how each readiness check came out. */
  text(checks: Readonly<Record<string, boolean>>): string;
}

export interface DemoAccount {
  readonly username: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

export type IdentityPort = Pick<
  Identity,
  | "signIn"
  | "challenges"
  | "administer"
  | "confirmPassword"
  | "secondFactors"
  | "secondFactorRoles"
  | "clients"
  | "refresh"
  | "verify"
  | "jwks"
  | "demoAccounts"
  | "people"
  | "guests"
> & {
  readonly sessions: Pick<
    Identity["sessions"],
    "end" | "endByToken" | "isAlive" | "list" | "revoke" | "addFactor"
  >;
};

export interface ApiSettings {
  /** Where browsers reach us, as a URL; null: at whatever host they name. */
  readonly publicAddress: string | null;
  /** Origins of other pages that may use this API. */
  readonly origins?: readonly string[];
  /** Proxies in front of us, whose forwarded addresses are believed. */
  readonly trustedProxies?: number;
  /** How many requests of one organisation may be under way here at once. */
  readonly requestsPerOrg?: number;
  /** Lets whoever shows it read the metrics; null: operators alone may. */
  readonly metricsToken?: string | null;
  /** CSP sources of the page's inline scripts, like `'sha256-…'`. */
  readonly scriptHashes?: readonly string[];
  /** CSP sources of what the page dials at other hosts: our other processes, and what carries calls. */
  readonly connectSources?: readonly string[];
}

/** All that the API needs of the rest. */
export interface ApiDeps {
  readonly identity: IdentityPort;
  readonly rooms: RoomGateway;
  readonly conversations: ConversationReader;
  readonly listings: RoomListings;
  readonly memberships: Pick<Memberships, "rooms" | "people">;
  readonly breakGlass: BreakGlassPort;
  readonly history: HistoryReader;
  readonly audit: AuditLog;
  /** What was asked with `Idempotency-Key`. */
  readonly idempotency: Pick<IdempotencyKeys, "claim">;
  readonly limits: RateLimits;
  readonly records: RecordsPort;
  /** What was recorded. */
  readonly vault: Vault;
  /** What people send each other. */
  readonly files: FileService;
  readonly media: MediaOrders;
  /** What integrators are told of. */
  readonly events: PublicEvents;
  readonly eventStreams: Pick<EventStreams, "open">;
  readonly webhooks: Webhooks;
  readonly cluster: ClusterControl;
  readonly checks: readonly ReadinessCheck[];
  /** What is outside this process, and how it answers. */
  readonly dependencies: () => readonly DependencyReport[];
  readonly search: Search;
  readonly metrics: MetricsReader;
  readonly logger: Logger;
  readonly settings: ApiSettings;
}
