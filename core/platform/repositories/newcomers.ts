import { sql } from "kysely";
import type { Factor } from "../../domain/factors.ts";
import type { Role } from "../../domain/principal.ts";
import type { Db } from "../database/database.ts";

/** Somebody as their token has them. Times are milliseconds since the epoch. */
export interface Seen {
  readonly id: string;
  readonly org: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** null: the token does not tell this sign-in apart. */
  readonly session: string | null;
  readonly factors: readonly Factor[];
  readonly now: number;
  readonly expiresAt: number;
}

export interface NewcomerRepository {
  ensureOrg(id: string): Promise<void>;
  /** Writes who it is, and that the session goes on. `ended`: it was ended here; `disabled`: the person was. */
  see(seen: Seen): Promise<"in" | "ended" | "disabled" | "no_org">;
}

export function createNewcomerRepository(db: Db): NewcomerRepository {
  return {
    ensureOrg: async (id) => {
      await db
        .insertInto("org")
        .values({ id, name: id })
        .onConflict((row) => row.doNothing())
        .execute();
    },
    see: ({ id, org, name, roles, session, factors, now, expiresAt }) =>
      db.transaction().execute(async (tx) => {
        const known = await tx.selectFrom("org").select("id").where("id", "=", org).executeTakeFirst();
        if (!known) return "no_org";
        await tx
          .insertInto("person")
          .values({ id, org, name, roles: [...roles], username: null, password: null, demo: false })
          .onConflict((row) =>
            row
              .column("id")
              .doUpdateSet({ name, roles: [...roles] })
              .where("person.org", "=", org)
              .where(({ or, eb }) =>
                or([eb("person.name", "!=", name), sql<boolean>`person.roles <> ${[...roles]}::text[]`]),
              ),
          )
          .execute();
        const person = await tx
          .selectFrom("person")
          .select(["org", "disabled_at"])
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        if (person.org !== org || person.disabled_at !== null) return "disabled";
        if (session === null) return "in";
        const row = await tx
          .insertInto("session")
          .values({
            ...{ id: session, person: id, started_at: now, refreshed_at: now, expires_at: expiresAt },
            ...{ idles: false, factors: [...factors] },
          })
          .onConflict((one) =>
            one.column("id").doUpdateSet({ refreshed_at: now, expires_at: expiresAt, factors: [...factors] }),
          )
          .returning("ended_at")
          .executeTakeFirstOrThrow();
        return row.ended_at === null ? "in" : "ended";
      }),
  };
}
