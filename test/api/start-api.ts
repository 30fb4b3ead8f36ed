import { once } from "node:events";
import type { JWK } from "jose";
import { createApi } from "../../api/create-api.ts";
import { createHttpServer, type HttpPatience } from "../../api/http/http-server.ts";
import type { ReadinessCheck } from "../../api/monitoring-port.ts";
import type { ApiDeps, ApiSettings } from "../../api/ports.ts";
import { pastRooms } from "../../api/projections/past-rooms.ts";
import type { HistoryReader } from "../../api/rooms-port.ts";
import { openBreakGlass } from "../../app/break-glass.ts";
import type { Trail } from "../../app/records.ts";
import type { Identity } from "../../core/platform/identity/identity.ts";
import type { FeedCursor } from "../../core/platform/journal/feed.ts";
import { createRateLimits, type RateClass, type RatePolicy } from "../../core/platform/limits/rate-limits.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { Vault } from "../../core/platform/objects/vault.ts";
import type { Audit } from "../../core/platform/repositories/audit.ts";
import { createIdempotencyKeys } from "../../core/platform/repositories/idempotency-keys.ts";
import { createMemberships } from "../../core/platform/repositories/memberships.ts";
import { createOrgSettings } from "../../core/platform/repositories/org-settings.ts";
import { createRoomHistory } from "../../core/platform/repositories/room-history.ts";
import { createRoomListings } from "../../core/platform/repositories/room-listings.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { TenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";
import type { DependencyReport } from "../../core/platform/resilience/record.ts";
import { createMetrics } from "../../core/platform/telemetry/metrics.ts";
import type { Paper } from "../persistence/written-room.ts";
import {
  faultyAudit,
  type Ground,
  openFound,
  openGround,
  openPeople,
  openStored,
  openTold,
} from "./api-parts.ts";
import { type Answer, type Call, callDocumented } from "./documented-call.ts";
import { createFakeCluster, type FakeCluster } from "./fake-cluster.ts";
import { type FakeRoom, fakeGateway, fakeReader, type Received } from "./fake-rooms.ts";

export interface ApiFixture {
  readonly url: string;
  readonly identity: Identity;
  readonly clock: { time: number };
  readonly rooms: Map<string, FakeRoom>;
  readonly received: Received[];
  /** What the next commands are answered with; by default `{ seq, at }`. */
  readonly answers: (Readonly<Record<string, unknown>> | Error)[];
  readonly checks: ReadinessCheck[];
  readonly dependencies: DependencyReport[];
  /** Writes rooms that lists and the history then have. */
  readonly paper: Paper;
  readonly audit: Audit;
  readonly trail: Trail;
  readonly cluster: FakeCluster;
  readonly vault: Vault;
  /** Lets the search index follow the journal, from a place to its end. */
  index(after: FeedCursor): Promise<void>;
  /** What goes wrong when it is set. */
  readonly faults: { audit: Error | null };
  /** Lines of the log, parsed. */
  readonly log: Readonly<Record<string, unknown>>[];
  /** Makes a request and checks that the answer is of a form that is documented. */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  /** An access token of a demo account. */
  token(username: string): Promise<string>;
  /** The key that signs our tokens, out of the database. */
  privateKey(): Promise<JWK>;
  close(): Promise<void>;
}

/** What a test writes into, and what it reads of what came. */
type Fakes = Pick<
  ApiFixture,
  "rooms" | "received" | "answers" | "checks" | "dependencies" | "cluster" | "faults"
>;

const plenty = { quota: 100_000, windowSeconds: 10 };
const amply = { read: plenty, command: plenty, heavy: plenty, open: plenty };

/** The API on a free port, with identity and indexes on an in-memory database and fakes for rooms. */
export async function startApi(
  settings: Partial<ApiSettings> = {},
  policies: Partial<Record<RateClass, RatePolicy>> = {},
  { heartbeatMs, ...patience }: HttpPatience & { readonly heartbeatMs?: number } = {},
): Promise<ApiFixture> {
  const clock = { time: Date.UTC(2026, 0, 1) };
  const log: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) };
  const ground = await openGround(createLogger({ level: "info", destination }), () => clock.time);
  const identity = await openPeople(ground);
  const stored = openStored(ground);
  const told = openTold(ground, identity, heartbeatMs);
  const found = openFound(ground);
  const fakes: Fakes = {
    ...{ rooms: new Map(), received: [], answers: [], checks: [], dependencies: [] },
    ...{ cluster: createFakeCluster(), faults: { audit: null } },
  };
  const app = createApi({
    ...depsOn(ground, fakes),
    identity,
    history: historyOf(ground, stored.tenantRooms),
    limits: createRateLimits({ policies: { ...amply, ...policies }, redis: null }),
    records: stored.records,
    vault: stored.vault,
    files: stored.files,
    events: told.events,
    eventStreams: told.eventStreams,
    webhooks: told.webhooks,
    search: found.search,
    settings: { publicAddress: null, ...settings },
  });
  const server = createHttpServer(patience).on("request", app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return {
    ...fakes,
    url,
    identity,
    clock,
    paper: ground.paper,
    audit: ground.audit,
    trail: stored.trail,
    vault: stored.vault,
    index: found.index,
    log,
    call: (method, path, call) => callDocumented(url, method, path, call),
    token: async (username) => {
      const credentials = { username, password: `demo-${username}`, address: "192.0.2.1" };
      return (await identity.signIn(credentials)).accessToken;
    },
    privateKey: () => signingKeyOf(ground),
    close: async () => {
      await told.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await ground.database.close();
      stored.remove();
    },
  };
}

/** What the API needs besides, over the database or made up. */
function depsOn(ground: Ground, fakes: Fakes) {
  const { database, paper, ring, logger, now } = ground;
  const metrics = createMetrics();
  const settled = createOrgSettings(database.tenants);
  return {
    rooms: fakeGateway(fakes.received, fakes.answers, createRoomOwners(database.db)),
    conversations: fakeReader(fakes.rooms),
    listings: createRoomListings(database.tenants),
    memberships: createMemberships(database.tenants),
    breakGlass: openBreakGlass({ database, keys: paper.keys, clock: { now }, log: logger, metrics }),
    audit: faultyAudit(ground, fakes.faults),
    idempotency: createIdempotencyKeys({ ...database, ring }),
    media: { backends: ["chime", "peer"], chosen: settled.mediaOrder, choose: settled.setMediaOrder },
    cluster: fakes.cluster,
    checks: fakes.checks,
    dependencies: () => fakes.dependencies,
    metrics,
    logger,
  } satisfies Partial<ApiDeps>;
}

function historyOf({ database, paper }: Ground, tenantRooms: TenantRooms): HistoryReader {
  return {
    ...createRoomHistory({ tenants: database.tenants, keys: paper.keys, folds: pastRooms }),
    exists: async (org, ref) => (await tenantRooms.find(org, ref)) !== null,
  };
}

async function signingKeyOf({ database, ring }: Ground): Promise<JWK> {
  const row = await database.db.selectFrom("signing_key").selectAll().executeTakeFirstOrThrow();
  const secret = await ring.unwrap(row.private_key, `signing-key ${row.kid}`);
  return JSON.parse(Buffer.from(secret).toString());
}
