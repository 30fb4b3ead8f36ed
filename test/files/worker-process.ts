import { createDataKeys } from "../../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { openPostgres } from "../../core/platform/database/database.ts";
import { createClamd } from "../../core/platform/files/clamd.ts";
import { startFileWorker } from "../../core/platform/files/file-worker.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createDirectoryStore } from "../../core/platform/objects/directory-store.ts";
import { createVault } from "../../core/platform/objects/vault.ts";
import { createAudit } from "../../core/platform/repositories/audit.ts";
import { createFileQueue } from "../../core/platform/repositories/file-queue.ts";
import { createTenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";

/** A process that checks files and does nothing else, to be killed. Arguments: database, key file, objects' folder, clamd. */
const [url = "", keyFile = "", folder = "", clamd = ""] = process.argv.slice(-4);
const database = await openPostgres(url, 4);
const keys = createDataKeys(database.tenants, await openKeyFile(keyFile));
const objects = createDirectoryStore(folder);
startFileWorker({
  queue: createFileQueue(database.db),
  vault: createVault({ objects, rooms: createTenantRooms(database.tenants), keys }),
  objects,
  scanner: createClamd(clamd, { connectMs: 3_000, answerMs: 60_000 }),
  audit: createAudit(database.db, database.tenants),
  now: Date.now,
  log: createLogger({ level: "silent" }),
  ...{ everyMs: 50, leaseSeconds: 3 },
});
console.info("checking");
