import { isScope, type Scope } from "../../domain/scopes.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";

/** Times are milliseconds since the epoch. */
export interface StoredSecret {
  /** What it is called where it is listed. */
  readonly id: string;
  /** Its last characters. */
  readonly hint: string;
  readonly madeAt: number;
  /** null: never. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

export interface StoredClient {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly madeBy: string;
  readonly madeAt: number;
  readonly revokedAt: number | null;
  readonly secrets: readonly StoredSecret[];
}

export interface NewClient extends Pick<StoredClient, "id" | "scopes" | "madeBy" | "madeAt"> {
  readonly org: string;
}

export interface NewSecret extends Pick<StoredSecret, "id" | "hint" | "madeAt" | "expiresAt"> {
  readonly hash: Uint8Array;
  readonly client: string;
}

/** A secret that is good, and whose it is. */
export interface KnownSecret {
  readonly client: string;
  readonly scopes: readonly Scope[];
  readonly session: string | null;
}

/** Integrators' clients, and their secrets by hashes alone. Whoever administers them sees those of one organisation. */
export interface ClientRepository {
  add(client: NewClient): Promise<void>;
  /** Oldest first. */
  list(org: string): Promise<StoredClient[]>;
  /** Unless the client is of another organisation, was revoked, or has so many already. */
  addSecret(org: string, secret: NewSecret, atMost: number): Promise<boolean>;
  removeSecret(org: string, client: string, secret: string): Promise<boolean>;
  /** False: there is none, or it was revoked before. */
  revoke(org: string, client: string, now: number): Promise<boolean>;
  /** null: no such secret of this client, or one that is not good any more. */
  useSecret(client: string, hash: Uint8Array, now: number): Promise<KnownSecret | null>;
  /** The session that tokens of this secret belong to. False: the secret is gone by now. */
  keepSession(hash: Uint8Array, session: string): Promise<boolean>;
}

export function createClientRepository(db: Db, tenants: Tenants): ClientRepository {
  const secretsOf = async (
    org: string,
  ): Promise<Map<string, (StoredSecret & { readonly client: string })[]>> => {
    const rows = await tenants(org)
      .selectFrom("client_secret")
      .select(["id", "client", "hint", "made_at", "expires_at", "last_used_at"])
      .orderBy("made_at")
      .execute();
    return Map.groupBy(
      rows.map(({ made_at, expires_at, last_used_at, ...row }) => ({
        ...row,
        madeAt: made_at,
        expiresAt: expires_at,
        lastUsedAt: last_used_at,
      })),
      ({ client }) => client,
    );
  };
  return {
    add: async ({ madeBy, madeAt, scopes, ...client }) => {
      await tenants(client.org)
        .insertInto("client")
        .values({ ...client, scopes: [...scopes], made_by: madeBy, made_at: madeAt, revoked_at: null })
        .execute();
    },
    list: async (org) => {
      const rows = await tenants(org)
        .selectFrom("client")
        .innerJoin("person", "person.id", "client.id")
        .select(["client.id", "person.name", "scopes", "made_by", "made_at", "revoked_at"])
        .orderBy("made_at")
        .orderBy("client.id")
        .execute();
      const secrets = await secretsOf(org);
      return rows.map(({ made_by, made_at, revoked_at, scopes, ...row }) => ({
        ...row,
        scopes: scopes.filter(isScope),
        madeBy: made_by,
        madeAt: made_at,
        revokedAt: revoked_at,
        secrets: (secrets.get(row.id) ?? []).map(({ client: _, ...secret }) => secret),
      }));
    },
    addSecret: (org, { madeAt, expiresAt, ...secret }, atMost) =>
      tenants(org)
        .transaction()
        .execute(async (tx) => {
          const open = await tx
            .selectFrom("client")
            .select("id")
            .where("id", "=", secret.client)
            .where("revoked_at", "is", null)
            .forUpdate()
            .executeTakeFirst();
          if (!open) return false;
          const had = await tx
            .selectFrom("client_secret")
            .select("id")
            .where("client", "=", secret.client)
            .execute();
          if (had.length >= atMost) return false;
          await tx
            .insertInto("client_secret")
            .values({ ...secret, made_at: madeAt, expires_at: expiresAt, last_used_at: null, session: null })
            .execute();
          return true;
        }),
    removeSecret: async (org, client, secret) => {
      const { numDeletedRows } = await tenants(org)
        .deleteFrom("client_secret")
        .where("client", "=", client)
        .where("id", "=", secret)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    revoke: async (org, client, now) => {
      const { numUpdatedRows } = await tenants(org)
        .updateTable("client")
        .set({ revoked_at: now })
        .where("id", "=", client)
        .where("revoked_at", "is", null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    useSecret: async (client, hash, now) => {
      const row = await db
        .updateTable("client_secret as secret")
        .from("client")
        .set({ last_used_at: now })
        .where("secret.hash", "=", hash)
        .where("secret.client", "=", client)
        .whereRef("client.id", "=", "secret.client")
        .where("client.revoked_at", "is", null)
        .where((secret) =>
          secret.or([secret("secret.expires_at", "is", null), secret("secret.expires_at", ">", now)]),
        )
        .returning(["secret.client", "secret.session", "client.scopes"])
        .executeTakeFirst();
      return row ? { ...row, scopes: row.scopes.filter(isScope) } : null;
    },
    keepSession: async (hash, session) => {
      const { numUpdatedRows } = await db
        .updateTable("client_secret")
        .set({ session })
        .where("hash", "=", hash)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
