import { createSecretKey, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AuditLog } from "../../api/ports.ts";
import { createRecordsPort, openTrail } from "../../app/records.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { createKeyRing, type KeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createFileService } from "../../core/platform/files/file-service.ts";
import { createIdentity, type Identity } from "../../core/platform/identity/identity.ts";
import { createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createBus } from "../../core/platform/journal/bus.ts";
import { createEventStreams } from "../../core/platform/journal/event-streams.ts";
import { createFeed, type FeedCursor } from "../../core/platform/journal/feed.ts";
import { createPublicEvents } from "../../core/platform/journal/public-events.ts";
import type { Logger } from "../../core/platform/logger.ts";
import { privateRanges } from "../../core/platform/net/addresses.ts";
import { createOutbound } from "../../core/platform/net/outbound.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import { createVault } from "../../core/platform/objects/vault.ts";
import { type Audit, createAudit } from "../../core/platform/repositories/audit.ts";
import { createFiles } from "../../core/platform/repositories/files.ts";
import { createTenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";
import { createGramHashes } from "../../core/platform/search/gram-hashes.ts";
import type { Rebuilder } from "../../core/platform/search/rebuild.ts";
import { createSearch } from "../../core/platform/search/search.ts";
import { createSearchProjection } from "../../core/platform/search/search-projection.ts";
import { createWebhooks } from "../../core/platform/webhooks/webhooks.ts";
import { createPaper, type Paper } from "../persistence/written-room.ts";
import { openInMemory } from "../support/in-memory.ts";

/** What the parts of a test's API have in common. */
export interface Ground {
  readonly database: Database;
  readonly paper: Paper;
  readonly ring: KeyRing;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly now: () => number;
}

export async function openGround(logger: Logger, now: () => number): Promise<Ground> {
  const database = await openInMemory();
  const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  const audit = createAudit(database.db, database.tenants);
  return { database, paper: createPaper(database), ring, audit, logger, now };
}

/** The demo's people, with passwords that are quickly tried. */
export async function openPeople({ database, ring, audit, logger, now }: Ground): Promise<Identity> {
  const identity = await createIdentity({
    db: database.db,
    tenants: database.tenants,
    keyRing: ring,
    logger,
    now,
    audience: "hugmedo",
    allowDemo: true,
    passwordCost: { logN: 4, r: 8, p: 1 },
    audit,
  });
  await identity.seedDemo();
  return identity;
}

/** Files, recordings and records, with their objects in a folder of the test's own. */
export function openStored({ database, paper, ring, now }: Ground) {
  const folder = mkdtempSync(join(tmpdir(), "hugmedo-objects-"));
  const objects = createDirectoryStore(folder);
  const tenantRooms = createTenantRooms(database.tenants);
  const vault = createVault({ objects, rooms: tenantRooms, keys: paper.keys });
  const files = createFileService({
    files: createFiles(database, paper.keys),
    ...{ vault, objects, arrivals: null, ring, now },
    settings: { on: true, maxBytes: 1_000_000 },
    wake: () => undefined,
  });
  const parts = {
    database,
    ring,
    objects,
    now,
    checkpointFile: null,
    erasureMs: 1_000,
    keepRecordingsMs: 365 * 86_400_000,
  };
  const trail = openTrail(parts);
  const records = createRecordsPort(parts, trail);
  return { tenantRooms, vault, files, trail, records, remove: () => rmSync(folder, { recursive: true }) };
}

/** What integrators are told. */
export function openTold(
  { database, paper, ring, logger, now }: Ground,
  identity: Identity,
  heartbeatMs: number | undefined,
) {
  const feed = createFeed({ ...database, keys: paper.keys, log: logger });
  const bus = createBus({ feed, arrivals: createArrivals(), log: logger, latest: 50 });
  const events = createPublicEvents(feed);
  const eventStreams = createEventStreams({
    ...{ events, feed, bus, onSessionEnded: identity.sessions.onEnded },
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
  });
  const webhooks = createWebhooks({
    ...database,
    ...{ feed, ring, now },
    outbound: createOutbound({ allowed: privateRanges }),
    wake: () => undefined,
  });
  const stop = async (): Promise<void> => {
    eventStreams.stop();
    await bus.stop();
  };
  return { events, eventStreams, webhooks, stop };
}

/** The search, and what lets its index follow the journal from a place to its end. */
export function openFound({ database, paper, ring, logger, now }: Ground) {
  const hashes = createGramHashes(ring);
  const feed = createFeed({ ...database, keys: paper.keys, log: logger });
  const search = createSearch({
    ...database,
    ...{ keys: paper.keys, hashes, now },
    rebuilder: fakeRebuilder(),
    lag: async () => 0,
  });
  const index = async (after: FeedCursor): Promise<void> => {
    const { entries } = await feed.read({ org: null, after, limit: 1_000 });
    const projection = createSearchProjection(hashes);
    await database.db.transaction().execute((tx) => projection.apply(tx, entries));
  };
  return { search, index };
}

/** As the audit itself fails. */
function broken(cause: Error | null): void {
  if (cause) throw new DomainError("unavailable", undefined, { cause });
}

/** The audit by the test's clock, which fails when it is told to. */
export function faultyAudit({ audit, now }: Ground, faults: { readonly audit: Error | null }): AuditLog {
  return {
    record: async (entry) => {
      broken(faults.audit);
      await audit.record({ ...entry, at: now() });
    },
    recordAll: async (entries) => {
      broken(faults.audit);
      await audit.recordAll(entries.map((entry) => ({ ...entry, at: now() })));
    },
  };
}

/** A build is done at the third look. */
function fakeRebuilder(): Pick<Rebuilder, "start" | "status"> {
  let left = 0;
  return {
    start: async () => {
      left = 3;
      return { generation: 2, done: Promise.resolve() };
    },
    status: async () => {
      left -= 1;
      if (left <= 0) return { live: left === 0 ? 2 : 1, building: null, progress: null };
      return { live: 1, building: 2, progress: 1 - left / 3 };
    },
  };
}
