import type { RecordsPort } from "../api/records-port.ts";
import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Database } from "../core/platform/database/database.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import { type AuditChain, createAuditChain } from "../core/platform/records/audit-chain.ts";
import { exportAudit } from "../core/platform/records/audit-export.ts";
import { type AuditKeys, createAuditKeys } from "../core/platform/records/audit-keys.ts";
import {
  archives,
  type CheckpointArchive,
  fileArchive,
  objectArchive,
} from "../core/platform/records/checkpoint-archive.ts";
import { createSealer } from "../core/platform/records/sealer.ts";
import { verifyAudit } from "../core/platform/records/verify-audit.ts";
import { createAudit } from "../core/platform/repositories/audit.ts";
import type { Context } from "./context.ts";

/** What keeps the records of this installation in order. */
export interface Records extends RecordsPort {
  start(): void;
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
}

export function createRecords({ config, clock, log, metrics, ...parts }: Context): Records {
  const { sealMs: everyMs, checkpointFile, checkpointEntries, checkpointMs } = config.records;
  const { now } = clock;
  const trail = openTrail({ ...parts, now, checkpointFile });
  const sealer = createSealer({ ...trail, log, now, everyMs, checkpointEntries, checkpointMs });
  metrics.watch({ auditUnsealed: sealer.unsealedSeconds });
  return {
    ...createRecordsPort({ ...parts, now, checkpointFile }, trail),
    start: sealer.start,
    stop: sealer.stop,
  };
}

export interface Trail {
  readonly chain: AuditChain;
  readonly keys: AuditKeys;
  readonly archive: CheckpointArchive;
}

/** The audit's chain, and what binds it. */
export function openTrail({ database, ring, objects, now, checkpointFile }: RecordsParts): Trail {
  const files = checkpointFile === null ? [] : [fileArchive(checkpointFile)];
  return {
    chain: createAuditChain(database.db),
    keys: createAuditKeys(database.db, ring, now),
    archive: archives([objectArchive(objects), ...files]),
  };
}

export function createRecordsPort(parts: RecordsParts, trail: Trail = openTrail(parts)): RecordsPort {
  const { database, now } = parts;
  const { chain, keys } = trail;
  const kept = trail.archive.all;
  return {
    audit: {
      list: createAudit(database.db, database.tenants).list,
      verify: (org, from) => verifyAudit({ chain, isSigned: keys.verify, kept, now }, org, from),
      export: (org, range) => exportAudit({ chain, keys: keys.publicKeys, kept, now }, org, range),
      keys: keys.publicKeys,
    },
  };
}
