import { sql } from "kysely";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";

/** Times are milliseconds since the epoch. */
export interface StoredFactor {
  /** Wrapped. */
  readonly secret: Uint8Array;
  /** null: a code of it was never shown. */
  readonly confirmedAt: number | null;
}

/** A token bucket: `burst` at once, then one every `everyMs`. */
export interface Pace {
  readonly burst: number;
  readonly everyMs: number;
}

/** People's authenticators and recovery codes. What may be used once is used in one statement, so once on all processes. */
export interface SecondFactorRepository {
  find(person: string): Promise<StoredFactor | null>;
  /** Keeps a secret to be confirmed, in place of one that was not. False: there is a confirmed one. */
  begin(person: string, secret: Uint8Array, now: number): Promise<boolean>;
  /** Takes one guess of the person's; returns how long to wait for the next (ms), 0: it was taken. */
  takeGuess(person: string, now: number, pace: Pace): Promise<number>;
  /** A guess was right: all are given back. */
  clearGuesses(person: string): Promise<void>;
  /** The first code was right. False: it was confirmed before. */
  confirm(person: string, step: number, now: number, recovery: readonly Uint8Array[]): Promise<boolean>;
  /** False: a code of this step, or of a later one, was used already. */
  useStep(person: string, step: number): Promise<boolean>;
  /** False: there is no such code, or it was used. */
  useRecovery(person: string, hash: Uint8Array, now: number): Promise<boolean>;
  recoveryLeft(person: string): Promise<number>;
  replaceRecovery(person: string, recovery: readonly Uint8Array[]): Promise<void>;
  /** Of a person of this organisation. False: there was none. */
  remove(org: string, person: string): Promise<boolean>;
}

export function createSecondFactorRepository(db: Db, tenants: Tenants): SecondFactorRepository {
  return {
    find: async (person) => {
      const row = await db
        .selectFrom("second_factor")
        .select(["secret", "confirmed_at as confirmedAt"])
        .where("person", "=", person)
        .executeTakeFirst();
      return row ?? null;
    },
    begin: async (person, secret, now) => {
      const { numInsertedOrUpdatedRows = 0n } = await db
        .insertInto("second_factor")
        .values({ person, secret, made_at: now, confirmed_at: null })
        .onConflict((row) =>
          row
            .column("person")
            .doUpdateSet({ secret, made_at: now })
            .where("second_factor.confirmed_at", "is", null),
        )
        .executeTakeFirst();
      return numInsertedOrUpdatedRows > 0n;
    },
    takeGuess: async (person, now, { burst, everyMs }) => {
      const next = sql<number>`greatest(guesses_full_at, ${now}) + ${everyMs}`;
      const taken = await db
        .updateTable("second_factor")
        .set({ guesses_full_at: next })
        .where("person", "=", person)
        .where(next, "<=", now + burst * everyMs)
        .executeTakeFirst();
      if (taken.numUpdatedRows > 0n) return 0;
      const row = await db
        .selectFrom("second_factor")
        .select("guesses_full_at")
        .where("person", "=", person)
        .executeTakeFirst();
      return Math.max(1, (row?.guesses_full_at ?? now) - now - (burst - 1) * everyMs);
    },
    clearGuesses: async (person) => {
      await db
        .updateTable("second_factor")
        .set({ guesses_full_at: 0 })
        .where("person", "=", person)
        .execute();
    },
    confirm: (person, step, now, recovery) =>
      db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable("second_factor")
          .set({ confirmed_at: now, last_step: step, guesses_full_at: 0 })
          .where("person", "=", person)
          .where("confirmed_at", "is", null)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) return false;
        await writeRecovery(tx, person, recovery);
        return true;
      }),
    useStep: async (person, step) => {
      const { numUpdatedRows } = await db
        .updateTable("second_factor")
        .set({ last_step: step })
        .where("person", "=", person)
        .where("confirmed_at", "is not", null)
        .where("last_step", "<", step)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    useRecovery: async (person, hash, now) => {
      const { numUpdatedRows } = await db
        .updateTable("recovery_code")
        .set({ used_at: now })
        .where("person", "=", person)
        .where("hash", "=", hash)
        .where("used_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    recoveryLeft: async (person) => {
      const { left } = await db
        .selectFrom("recovery_code")
        .select(({ fn }) => fn.countAll<number>().as("left"))
        .where("person", "=", person)
        .where("used_at", "is", null)
        .executeTakeFirstOrThrow();
      return Number(left);
    },
    replaceRecovery: (person, recovery) =>
      db.transaction().execute((tx) => writeRecovery(tx, person, recovery)),
    remove: async (org, person) => {
      const { numDeletedRows } = await tenants(org)
        .deleteFrom("second_factor")
        .where("person", "=", person)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

async function writeRecovery(tx: Db, person: string, hashes: readonly Uint8Array[]): Promise<void> {
  await tx.deleteFrom("recovery_code").where("person", "=", person).execute();
  const rows = hashes.map((hash) => ({ hash, person, used_at: null }));
  await tx.insertInto("recovery_code").values(rows).execute();
}
