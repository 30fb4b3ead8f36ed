import type { Clock } from "../core/platform/clock.ts";
import type { Config } from "../core/platform/config.ts";
import type { DataKeys } from "../core/platform/crypto/data-keys.ts";
import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Database } from "../core/platform/database/database.ts";
import { createClamd, type Scanner } from "../core/platform/files/clamd.ts";
import { createFileRecords, type FileRecords } from "../core/platform/files/file-records.ts";
import { createFileService, type FileService } from "../core/platform/files/file-service.ts";
import { startFileWorker } from "../core/platform/files/file-worker.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import type { S3Store } from "../core/platform/objects/s3-store.ts";
import type { FileVault } from "../core/platform/objects/vault.ts";
import type { Audit } from "../core/platform/repositories/audit.ts";
import { createFileQueue } from "../core/platform/repositories/file-queue.ts";
import { createFiles } from "../core/platform/repositories/files.ts";
import type { Guards } from "../core/platform/resilience/guards.ts";

interface Parts {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly ring: KeyRing;
  readonly vault: FileVault;
  readonly objects: ObjectStore;
  readonly s3: S3Store | null;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly guards: Guards;
  readonly log: Logger;
}

function guardedScanner(address: string, guards: Guards): Scanner {
  const clamd = createClamd(address);
  const guard = guards.guard("virus_scanner");
  return { scan: (bytes) => guard.run(() => clamd.scan(bytes)) };
}

/** What people send each other, and what checks it. */
export interface FilesHere {
  readonly service: FileService;
  /** For retention and erasure. */
  readonly records: FileRecords;
  stop(): Promise<void>;
}

/** A process that serves the API checks files too; one for media alone does not. */
export function openFiles({ files: settings, roles }: Config, parts: Parts): FilesHere {
  const { database, keys, ring, vault, objects, s3, audit, clock, guards, log } = parts;
  const { now } = clock;
  const scanner = settings.scanner === null ? null : guardedScanner(settings.scanner, guards);
  const queue = createFileQueue(database.db);
  const worker = roles.includes("api")
    ? startFileWorker({ queue, vault, objects, scanner, audit, now, log })
    : null;
  const service = createFileService({
    files: createFiles(database, keys),
    ...{ vault, objects, ring, now, arrivals: s3?.arrivals ?? null },
    settings: { on: scanner !== null || settings.unscanned, maxBytes: settings.maxBytes },
    wake: () => worker?.wake(),
  });
  return {
    service,
    records: createFileRecords(database.db),
    stop: async () => worker?.stop(),
  };
}
