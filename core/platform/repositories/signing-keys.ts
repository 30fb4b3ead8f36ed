import { sql } from "kysely";
import type { Db } from "../database/database.ts";

export interface StoredKey {
  readonly kid: string;
  /** JSON Web Key. */
  readonly publicKey: string;
  /** JSON Web Key, wrapped. */
  readonly privateKey: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly signsFrom: number;
}

export interface SigningKeyRepository {
  all(): Promise<StoredKey[]>;
  /** Reads, lets `change` say what to add and remove, and writes; one process at a time. Returns all keys. */
  change(
    change: (keys: readonly StoredKey[]) => Promise<{ add: readonly StoredKey[]; remove: readonly string[] }>,
  ): Promise<StoredKey[]>;
}

/** Any number, as long as nothing else locks it. */
const lock = 7_401_001;

export function createSigningKeyRepository(db: Db): SigningKeyRepository {
  return {
    all: () => readAll(db),
    change: (change) =>
      db.transaction().execute(async (tx) => {
        await sql`select pg_advisory_xact_lock(${lock})`.execute(tx);
        const { add, remove } = await change(await readAll(tx));
        if (remove.length > 0) await tx.deleteFrom("signing_key").where("kid", "in", remove).execute();
        for (const key of add) {
          await tx
            .insertInto("signing_key")
            .values({
              kid: key.kid,
              public_key: key.publicKey,
              private_key: key.privateKey,
              signs_from: key.signsFrom,
            })
            .execute();
        }
        return readAll(tx);
      }),
  };
}

async function readAll(db: Db): Promise<StoredKey[]> {
  const rows = await db.selectFrom("signing_key").selectAll().orderBy("signs_from").execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicKey: row.public_key,
    privateKey: row.private_key,
    signsFrom: row.signs_from,
  }));
}
