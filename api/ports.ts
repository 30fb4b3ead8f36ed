import type { BackendName } from "../core/domain/call/state.ts";
import type { FileService } from "../core/platform/files/file-service.ts";
import type { EventStreams } from "../core/platform/journal/event-streams.ts";
import type { PublicEvents } from "../core/platform/journal/public-events.ts";
import type { RateLimits } from "../core/platform/limits/rate-limits.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { Vault } from "../core/platform/objects/vault.ts";
import type { NewAuditEntry } from "../core/platform/repositories/audit.ts";
import type { IdempotencyKeys } from "../core/platform/repositories/idempotency-keys.ts";
import type { Memberships } from "../core/platform/repositories/memberships.ts";
import type { RoomListings } from "../core/platform/repositories/room-listings.ts";
import type { DependencyReport } from "../core/platform/resilience/record.ts";
import type { Search } from "../core/platform/search/search.ts";
import type { Webhooks } from "../core/platform/webhooks/webhooks.ts";
import type { BreakGlassPort } from "./break-glass-port.ts";
import type { ClusterControl } from "./cluster-port.ts";
import type { ConversationReader } from "./conversations-port.ts";
import type { IdentityPort } from "./identity-port.ts";
import type { MetricsReader, ReadinessCheck } from "./monitoring-port.ts";
import type { RecordsPort } from "./records-port.ts";
import type { HistoryReader, RoomGateway } from "./rooms-port.ts";

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
