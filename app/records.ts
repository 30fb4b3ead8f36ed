import type { RecordsPort } from "../api/records-port.ts";
import { loadQueue } from "../core/domain/queue/stored.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Database } from "../core/platform/database/database.ts";
import { createFileRecords } from "../core/platform/files/file-records.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import { type AuditChain, createAuditChain } from "../core/platform/records/audit-chain.ts";
import { exportAudit } from "../core/platform/records/audit-export.ts";
import { type AuditKeys, createAuditKeys } from "../core/platform/records/audit-keys.ts";
import { countedAudit, retainedAudit } from "../core/platform/records/audit-retention.ts";
import {
  archives,
  type CheckpointArchive,
  fileArchive,
  objectArchive,
} from "../core/platform/records/checkpoint-archive.ts";
import { createConsentTexts } from "../core/platform/records/consent-texts.ts";
import { watchDestroyedKeys } from "../core/platform/records/destroyed-keys.ts";
import type { Eraser, Retained } from "../core/platform/records/eraser.ts";
import { createErasures, executeErasures } from "../core/platform/records/erasure.ts";
import { createHolds } from "../core/platform/records/holds.ts";
import {
  alignRecordings,
  countedRecordings,
  createKeptRecordings,
} from "../core/platform/records/kept-recordings.ts";
import { countedQueues, queueEraser, retainedQueues } from "../core/platform/records/queues.ts";
import {
  countedRooms,
  createRetentionRules,
  finishRekeying,
  retainedRooms,
  sweepRetention,
} from "../core/platform/records/retention.ts";
import { type DueRecords, previewRetention } from "../core/platform/records/retention-preview.ts";
import { createSealer } from "../core/platform/records/sealer.ts";
import { createSweeper } from "../core/platform/records/sweeper.ts";
import { verifyAudit } from "../core/platform/records/verify-audit.ts";
import { createAudit } from "../core/platform/repositories/audit.ts";
import { queueSnapshot } from "../rooms/waiting/queue-snapshot.ts";
import type { Context } from "./context.ts";

/** What keeps the records of this installation in order. */
export interface Records extends RecordsPort {
  start(): void;
  /** Does now what is due: for tests, and whoever cannot wait. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export interface RecordsParts {
  readonly database: Pick<Database, "db" | "tenants">;
  readonly ring: KeyRing;
  readonly objects: ObjectStore;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** null: checkpoints are added to no file. */
  readonly checkpointFile: string | null;
  /** Between a request to erase somebody and its execution. */
  readonly erasureMs: number;
  /** For how long recordings are kept where their organisation says nothing. */
  readonly keepRecordingsMs: number;
}

interface Others {
  /** What other parts keep about people. */
  readonly erasers?: readonly Eraser[];
  /** What other parts keep for a time. */
  readonly retained?: readonly Retained[];
  /** Ends a room here that goes on elsewhere. */
  readonly letGo: (ref: RoomRef) => Promise<void>;
  /** Asks a room, as the engine. */
  readonly ask: (org: string, ref: RoomRef, name: string, payload: object) => Promise<unknown>;
}

/** How soon every process forgets a key that was destroyed. */
export const forgetEveryMs = 1_000;
const sweepEveryMs = 30_000;

export function createRecords(
  context: Context,
  { erasers = [], retained = [], letGo, ask }: Others,
): Records {
  const { config, clock, log, metrics, database, identity, keys, process, audit } = context;
  const { sealMs: everyMs, checkpointFile, checkpointEntries, checkpointMs, erasureMs } = config.records;
  const { db, tenants } = database;
  const { now } = clock;
  const { keepRecordingsMs } = config;
  const own = { ...context, now, checkpointFile, erasureMs, keepRecordingsMs };
  const trail = openTrail(own);
  const sealer = createSealer({ ...trail, log, now, everyMs, checkpointEntries, checkpointMs });
  metrics.watch({ auditUnsealed: sealer.unsealedSeconds });
  const holds = createHolds(db, tenants, now);
  const parts = {
    ...context,
    db,
    tenants,
    process,
    audit,
    holds,
    now,
    erasers,
    names: identity.people.names,
    coolingMs: erasureMs,
    close: async ({ person }: { readonly person: string }) => {
      await identity.people.setDisabled(person, now());
      await identity.sessions.endByPerson(person, "disabled");
    },
  };
  const queues = {
    ...parts,
    restoreQueue: (snapshot: unknown) => loadQueue(queueSnapshot.parse(snapshot)),
  };
  const rooms = [retainedRooms(parts, "chat"), retainedRooms(parts, "consultation"), retainedQueues(queues)];
  const watch = watchDestroyedKeys({ db, keys, log, rekeyed: letGo, everyMs: forgetEveryMs });
  const sweeper = createSweeper(log, sweepEveryMs, async () => {
    // What cannot be done of one keeps nothing of the others waiting.
    const outcomes = [
      await settled(() => executeErasures({ ...parts, erasers: [queueEraser(queues), ...erasers] })),
      await settled(() => finishRekeying(parts)),
      await settled(() => alignRecordings({ db, log, otherwise: keepRecordingsMs, ask })),
      await settled(() =>
        sweepRetention({
          ...parts,
          retained: [...rooms, ...retained, retainedAudit({ ...trail, log, now })],
        }),
      ),
    ];
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  });
  return {
    ...createRecordsPort(own, trail),
    start: () => {
      sealer.start();
      sweeper.start();
    },
    sweep: sweeper.run,
    stop: async () => {
      await Promise.all([sealer.stop(), sweeper.stop(), watch.stop()]);
    },
  };
}

async function settled(run: () => Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  const [outcome] = await Promise.allSettled([run()]);
  return outcome;
}

export interface Trail {
  readonly chain: AuditChain;
  readonly keys: AuditKeys;
  readonly archive: CheckpointArchive;
}

/** The audit's chain, and what binds it. */
export function openTrail({
  database,
  ring,
  objects,
  now,
  checkpointFile,
}: Omit<RecordsParts, "erasureMs" | "keepRecordingsMs">): Trail {
  const files = checkpointFile === null ? [] : [fileArchive(checkpointFile)];
  return {
    chain: createAuditChain(database.db),
    keys: createAuditKeys(database.db, ring, now),
    archive: archives([objectArchive(objects), ...files]),
  };
}

/** What retention would remove of an organisation's, or of everyone's, if it looked now. */
export function previewOf(
  { db, tenants }: Pick<Database, "db" | "tenants">,
  now: () => number,
  org?: string,
): Promise<DueRecords[]> {
  const counted = [
    countedRooms(db, "chat"),
    countedRooms(db, "consultation"),
    countedQueues(db),
    createFileRecords(db).counted,
    countedRecordings(db),
    countedAudit(db),
  ];
  return previewRetention({ db, counted, holds: createHolds(db, tenants, now), now }, org);
}

export function createRecordsPort(parts: RecordsParts, trail: Trail = openTrail(parts)): RecordsPort {
  const { database, now, erasureMs: coolingMs, keepRecordingsMs } = parts;
  const { db, tenants } = database;
  const { chain, keys } = trail;
  const { all: kept, anchors: keptAnchors, each } = trail.archive;
  const holds = createHolds(db, tenants, now);
  return {
    audit: {
      list: createAudit(db, tenants).list,
      verify: (org, from) => verifyAudit({ chain, isSigned: keys.verify, kept, keptAnchors, now }, org, from),
      export: (org, range) => exportAudit({ chain, keys: keys.publicKeys, kept: each, now }, org, range),
      keys: keys.publicKeys,
    },
    retention: createRetentionRules(tenants, now, { recordings: keepRecordingsMs / 86_400_000 }),
    holds,
    heldRecordings: createKeptRecordings(db, tenants, now).listHeld,
    erasures: createErasures({ tenants, holds, now, coolingMs }),
    consentTexts: createConsentTexts(tenants, now),
  };
}
