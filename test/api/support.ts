import { createSecretKey, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JWK } from "jose";
import { expect } from "vitest";
import { createApi } from "../../api/create-api.ts";
import { createHttpServer, type HttpPatience } from "../../api/http/http-server.ts";
import { refusalsOf } from "../../api/openapi/document.ts";
import type {
  ApiSettings,
  ConversationReader,
  ListedChat,
  ReadinessCheck,
  RoomGateway,
} from "../../api/ports.ts";
import { pastRooms } from "../../api/projections/past-rooms.ts";
import { endpoints } from "../../api/routes/index.ts";
import { openBreakGlass } from "../../app/break-glass.ts";
import { createRecordsPort, openTrail, type Trail } from "../../app/records.ts";
import type { MessageView } from "../../core/domain/conversation/view.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import { type RoomKindName, type RoomRef, roomKey } from "../../core/domain/room.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { createFileService } from "../../core/platform/files/file-service.ts";
import { createIdentity, type Identity } from "../../core/platform/identity/identity.ts";
import { createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createBus } from "../../core/platform/journal/bus.ts";
import { createEventStreams } from "../../core/platform/journal/event-streams.ts";
import { createFeed, type FeedCursor } from "../../core/platform/journal/feed.ts";
import { createPublicEvents } from "../../core/platform/journal/public-events.ts";
import { createRateLimits, type RateClass, type RatePolicy } from "../../core/platform/limits/rate-limits.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { privateRanges } from "../../core/platform/net/addresses.ts";
import { createOutbound } from "../../core/platform/net/outbound.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import { createVault, type Vault } from "../../core/platform/objects/vault.ts";
import { type Audit, createAudit } from "../../core/platform/repositories/audit.ts";
import { createFiles } from "../../core/platform/repositories/files.ts";
import { createIdempotencyKeys } from "../../core/platform/repositories/idempotency-keys.ts";
import { createMemberships } from "../../core/platform/repositories/memberships.ts";
import { createOrgSettings } from "../../core/platform/repositories/org-settings.ts";
import { createRoomHistory } from "../../core/platform/repositories/room-history.ts";
import { createRoomListings } from "../../core/platform/repositories/room-listings.ts";
import { createRoomOwners, type RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createTenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";
import type { DependencyReport } from "../../core/platform/resilience/record.ts";
import { createGramHashes } from "../../core/platform/search/gram-hashes.ts";
import { createSearch } from "../../core/platform/search/search.ts";
import { createSearchProjection } from "../../core/platform/search/search-projection.ts";
import { createMetrics } from "../../core/platform/telemetry/metrics.ts";
import { createWebhooks } from "../../core/platform/webhooks/webhooks.ts";
import { type ChatMember, problem } from "../../core/protocol/rest.ts";
import { createPaper, type Paper } from "../persistence/written-room.ts";
import { openInMemory } from "../support/in-memory.ts";
import { createFakeCluster, type FakeCluster } from "./fake-cluster.ts";

/** A conversation as the fake reader has it. */
export interface FakeRoom {
  readonly members: ChatMember[];
  readonly messages: MessageView[];
  readonly title: string;
}

/** What came to the fake gateway. */
export interface Received {
  readonly by: Principal;
  readonly ref: RoomRef;
  readonly name: string;
  readonly payload: unknown;
  /** Whom a new room is about. */
  readonly subject?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; null: none. */
  readonly body: ReturnType<typeof JSON.parse>;
  readonly text: string;
}

export interface Call {
  readonly token?: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, as JSON unless the headers say otherwise. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

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

const plenty = { quota: 100_000, windowSeconds: 10 };
const amply = { read: plenty, command: plenty, heavy: plenty, open: plenty };

/** The API on a free port, with identity and indexes on an in-memory database and fakes for rooms. */
export async function startApi(
  settings: Partial<ApiSettings> = {},
  policies: Partial<Record<RateClass, RatePolicy>> = {},
  patience: HttpPatience = {},
): Promise<ApiFixture> {
  const database = await openInMemory();
  const clock = { time: Date.UTC(2026, 0, 1) };
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: "info",
    destination: { write: (line) => void log.push(JSON.parse(line)) },
  });
  const keyRing = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  const identity = await createIdentity({
    db: database.db,
    tenants: database.tenants,
    keyRing,
    logger,
    now: () => clock.time,
    audience: "hugmedo",
    allowDemo: true,
    passwordCost: { logN: 4, r: 8, p: 1 },
    audit: { record: (entry) => audit.record(entry) },
  });
  await identity.seedDemo();

  const rooms = new Map<string, FakeRoom>();
  const received: Received[] = [];
  const answers: (Readonly<Record<string, unknown>> | Error)[] = [];
  const checks: ReadinessCheck[] = [];
  const dependencies: DependencyReport[] = [];
  const paper = createPaper(database);
  const faults: ApiFixture["faults"] = { audit: null };
  const audit = createAudit(database.db, database.tenants);
  const cluster = createFakeCluster();
  const objects = mkdtempSync(join(tmpdir(), "hugmedo-objects-"));
  const settled = createOrgSettings(database.tenants);
  const tenantRooms = createTenantRooms(database.tenants);
  const directory = createDirectoryStore(objects);
  const vault = createVault({ objects: directory, rooms: tenantRooms, keys: paper.keys });
  const files = createFileService({
    files: createFiles(database, paper.keys),
    ...{ vault, objects: directory, arrivals: null, ring: keyRing, now: () => clock.time },
    settings: { on: true, maxBytes: 1_000_000 },
    wake: () => undefined,
  });
  const recordsParts = {
    database,
    ring: keyRing,
    objects: createDirectoryStore(objects),
    now: () => clock.time,
    checkpointFile: null,
    erasureMs: 1_000,
    keepRecordingsMs: 365 * 86_400_000,
  };
  const trail = openTrail(recordsParts);
  const metrics = createMetrics();
  const hashes = createGramHashes(keyRing);
  const feed = createFeed({ ...database, keys: paper.keys, log: logger });
  const bus = createBus({ feed, arrivals: createArrivals(), log: logger, latest: 50 });
  const events = createPublicEvents(feed);
  const eventStreams = createEventStreams({ events, feed, bus, onSessionEnded: identity.sessions.onEnded });
  const app = createApi({
    identity,
    events,
    eventStreams,
    webhooks: createWebhooks({
      ...database,
      feed,
      outbound: createOutbound({ allowed: privateRanges }),
      ring: keyRing,
      now: () => clock.time,
      wake: () => undefined,
    }),
    rooms: fakeGateway(received, answers, createRoomOwners(database.db)),
    conversations: fakeReader(rooms),
    listings: createRoomListings(database.tenants),
    memberships: createMemberships(database.tenants),
    breakGlass: openBreakGlass({
      database,
      keys: paper.keys,
      clock: { now: () => clock.time },
      log: logger,
      metrics,
    }),
    history: {
      ...createRoomHistory({ tenants: database.tenants, keys: paper.keys, folds: pastRooms }),
      exists: async (org, ref) => (await tenantRooms.find(org, ref)) !== null,
    },
    audit: {
      record: async (entry) => {
        if (faults.audit) throw faults.audit;
        await audit.record({ ...entry, at: clock.time });
      },
      recordAll: async (entries) => {
        if (faults.audit) throw faults.audit;
        await audit.recordAll(entries.map((entry) => ({ ...entry, at: clock.time })));
      },
    },
    idempotency: createIdempotencyKeys({ ...database, ring: keyRing }),
    limits: createRateLimits({ policies: { ...amply, ...policies }, redis: null }),
    records: createRecordsPort(recordsParts, trail),
    vault,
    files,
    media: { backends: ["chime", "peer"], chosen: settled.mediaOrder, choose: settled.setMediaOrder },
    cluster,
    checks,
    dependencies: () => dependencies,
    search: createSearch({
      ...database,
      keys: paper.keys,
      hashes,
      rebuilder: { start: async () => ({ generation: 2, done: Promise.resolve() }) },
      lag: async () => 0,
      now: () => clock.time,
    }),
    metrics,
    logger,
    settings: { publicAddress: null, ...settings },
  });
  const server = createHttpServer(patience).on("request", app).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;

  return {
    url,
    identity,
    clock,
    rooms,
    received,
    answers,
    checks,
    dependencies,
    paper,
    audit,
    trail,
    cluster,
    vault,
    index: async (after) => {
      const feed = createFeed({ ...database, keys: paper.keys, log: logger });
      const { entries } = await feed.read({ org: null, after, limit: 1_000 });
      const projection = createSearchProjection(hashes);
      await database.db.transaction().execute((tx) => projection.apply(tx, entries));
    },
    faults,
    log,
    call: async (method, path, { token, body, raw, headers = {} } = {}) => {
      const sent = raw ?? (body === undefined ? null : JSON.stringify(body));
      const response = await fetch(url + path, {
        method,
        body: sent,
        headers: {
          ...(sent === null ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
      });
      const text = await response.text();
      const isJson = /json(;|$)/.test(response.headers.get("content-type") ?? "");
      const answer = {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson ? JSON.parse(text) : null,
      };
      expectDocumented(method, path, answer);
      return answer;
    },
    token: async (username) => {
      const credentials = { username, password: `demo-${username}`, address: "192.0.2.1" };
      return (await identity.signIn(credentials)).accessToken;
    },
    privateKey: async () => {
      const row = await database.db.selectFrom("signing_key").selectAll().executeTakeFirstOrThrow();
      const secret = await keyRing.unwrap(row.private_key, `signing-key ${row.kid}`);
      return JSON.parse(Buffer.from(secret).toString());
    },
    close: async () => {
      eventStreams.stop();
      await bus.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
      rmSync(objects, { recursive: true });
    },
  };
}

/** Whatever is answered must be of the documented form, and a refusal one of the documented ones. */
function expectDocumented(method: string, path: string, { status, headers, body, text }: Answer): void {
  const [pathname = ""] = path.split("?");
  const endpoint = endpoints.find(
    (each) => each.method === method.toLowerCase() && patternOf(each.path).test(pathname),
  );
  if (headers.get("content-type")?.startsWith("application/problem+json")) {
    const refused = problem.strict().parse(body);
    expect(refused.status).toBe(status);
    expect(refused.type).toBe(`/v1/problems/${refused.code}`);
    if (endpoint) expect(refusalsOf(endpoint)).toContain(refused.code);
    return;
  }
  if (!endpoint) return;
  if (endpoint.replyBytes) return void expect([200, 206, 416]).toContain(status);
  if (status === 304 && endpoint.hasRevision) return void expect(text).toBe("");
  expect([endpoint.status ?? 200, endpoint.otherStatus]).toContain(status);
  if (endpoint.replyType) expect([headers.get("content-type"), body]).toEqual([endpoint.replyType, null]);
  else if (endpoint.reply) expect(endpoint.reply.parse(body)).toEqual(body);
  else expect(text).toBe("");
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, "[^/]+").replaceAll(".", "\\.")}$`);
}

const creation: Readonly<Record<RoomKindName, string>> = {
  chat: "chat.create",
  waiting: "queue.create",
  consultation: "visit.create",
};

function fakeGateway(
  received: Received[],
  answers: (Readonly<Record<string, unknown>> | Error)[],
  owners: Pick<RoomOwners, "find">,
): RoomGateway {
  const answer = (): Readonly<Record<string, unknown>> => {
    const next = answers.shift() ?? { seq: received.length, at: 1_000 + received.length };
    if (next instanceof Error) throw next;
    return next;
  };
  return {
    command: async (by, ref, name, payload) => {
      received.push({ by, ref, name, payload });
      return answer();
    },
    create: async (by, { kind, subject, payload }) => {
      const id = randomUUID().replaceAll("-", "");
      received.push({ by, ref: { kind, id }, name: creation[kind], payload, subject });
      answer();
      return { id, seq: 1, at: 1_000 };
    },
    system: async (org, ref, name, payload) => {
      received.push({ by: systemPrincipal(org), ref, name, payload });
      return answer();
    },
    org: async (ref) => (await owners.find(ref))?.org ?? null,
  };
}

function fakeReader(rooms: ReadonlyMap<string, FakeRoom>): ConversationReader {
  const listed = (person: string): ListedChat[] =>
    [...rooms].flatMap(([key, room]) => {
      const member = room.members.find((each) => each.person === person);
      if (!member || !key.startsWith("chat:")) return [];
      const last = room.messages.at(-1) ?? null;
      const unread = room.messages.filter((message) => message.from !== person).length;
      const at = last?.at ?? 0;
      return [
        { id: key.slice(5), title: room.title, role: member.role, members: room.members, unread, last, at },
      ];
    });
  const messageAt = (ref: RoomRef, seq: number) =>
    rooms.get(roomKey(ref))?.messages.find((message) => message.seq === seq);
  return {
    membership: async (_, ref, person) =>
      rooms.get(roomKey(ref))?.members.find((member) => member.person === person)?.role ?? null,
    members: async (_, ref) => rooms.get(roomKey(ref))?.members ?? [],
    page: async (_, ref, { after, before, limit }) => {
      const within = (rooms.get(roomKey(ref))?.messages ?? []).filter(
        ({ seq }) => seq > (after ?? 0) && seq < (before ?? Number.POSITIVE_INFINITY),
      );
      const inOrder = after === undefined ? within.toReversed() : within;
      return { items: inOrder.slice(0, limit), more: inOrder.length > limit };
    },
    facts: async (_, ref, seq) => {
      const message = messageAt(ref, seq);
      return message ? { seq, author: message.from, deleted: message.body === null } : null;
    },
    versions: async (_, ref, seq) => {
      const message = messageAt(ref, seq);
      if (!message) throw new DomainError("message_not_found");
      return [
        { seq, at: message.at, body: "as first written" },
        { seq: seq + 1, at: message.at + 1, body: message.body ?? "" },
      ];
    },
    chats: async ({ person, after, limit }) => {
      const sorted = listed(person).sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      const from = after ? sorted.findIndex((chat) => chat.at === after.at && chat.id === after.id) + 1 : 0;
      return sorted.slice(from, from + limit);
    },
    chat: async ({ person }, id) => listed(person).find((chat) => chat.id === id) ?? null,
  };
}

/** A chat of the clinician and the patient with `count` messages, seqs 2, 4, 6, … */
export function sampleRoom(count: number): FakeRoom {
  return {
    title: "予約の相談",
    members: [
      { person: "clinician", name: "Dr. Emma Lindqvist", role: "admin" },
      { person: "patient", name: "佐藤 花 (Hana Sato)", role: "member" },
      { person: "patient2", name: "Daniel Okafor", role: "observer" },
    ],
    messages: Array.from({ length: count }, (_, index) => ({
      seq: 2 * index + 2,
      id: `message-${index}`,
      from: index % 2 === 0 ? "patient" : "clinician",
      at: 1_000 + index,
      body: index === 1 ? null : `message ${index}`,
      ...(index === 1 ? { deletedAt: 2_000 } : {}),
      ...(index === 2 ? { replyTo: 2, editedAt: 2_001 } : {}),
      reactions: index === 0 ? { "👍": ["clinician"] } : {},
    })),
  };
}
