import type { Config } from "../core/platform/config.ts";
import type { DataKeys } from "../core/platform/crypto/data-keys.ts";
import { createDirectoryStore } from "../core/platform/objects/directory-store.ts";
import type { ObjectStore } from "../core/platform/objects/object-store.ts";
import { createS3Store, type S3Store } from "../core/platform/objects/s3-store.ts";
import { createVault, type FileVault, type Vault } from "../core/platform/objects/vault.ts";
import { createTenantRooms, type TenantRooms } from "../core/platform/repositories/tenant-rooms.ts";
import type { Closing } from "./closing.ts";
import type { Ground } from "./ground.ts";
import { openObjects } from "./resilience.ts";

/** Where files and recordings are. */
export interface Storage {
  readonly objects: ObjectStore;
  /** The same, where objects are in a bucket; null: in a directory. */
  readonly s3: S3Store | null;
  /** What was recorded, encrypted. */
  readonly vault: Vault & FileVault;
  readonly tenantRooms: TenantRooms;
}

export function openStorage(
  config: Config,
  { database, guards }: Ground,
  keys: DataKeys,
  { later }: Closing,
): Storage {
  const s3 = config.s3 && createS3Store(config.s3);
  later(() => s3?.dispose());
  const bare = s3 ?? createDirectoryStore(`${config.dataDir}/objects`);
  const objects = openObjects(guards, bare, s3 !== null);
  const tenantRooms = createTenantRooms(database.tenants);
  return { objects, s3, vault: createVault({ objects, rooms: tenantRooms, keys }), tenantRooms };
}
