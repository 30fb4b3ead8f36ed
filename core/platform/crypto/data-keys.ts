import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Tenants } from "../database/tenants.ts";
import type { KeyRing } from "./key-ring.ts";

/** The key of one person's or one room's text. */
export interface DataKey {
  readonly id: string;
  /** Encrypts. */
  readonly cipher: KeyObject;
  /** Recognises a repeated request without keeping its text. */
  readonly mac: KeyObject;
  /** The first seq of its room that is encrypted under it: the key of what is before was destroyed. 1: it has everything. */
  readonly since: number;
}

/** Whose key it is: the person that the text is about, else the room it is in. */
export interface KeyScope {
  readonly org: string;
  readonly scope: "room" | "person";
  readonly subject: string;
}

/** Data keys by id or scope, unwrapped once and then kept in memory. */
export interface DataKeys {
  /** The key of this scope, made if there is none yet. */
  ensure(scope: KeyScope): Promise<DataKey>;
  /** Throws `unavailable` when the organisation has no such key, or no more. */
  get(org: string, id: string): Promise<DataKey>;
  /** It was destroyed: nothing is opened with it here any more. */
  forget(org: string, id: string): void;
}

const remembered = 10_000;

export function createDataKeys(tenants: Tenants, ring: KeyRing): DataKeys {
  const keys = new Map<string, DataKey>();

  const unwrap = async (
    org: string,
    { id, wrapped, since }: { readonly id: string; readonly wrapped: Uint8Array; readonly since: number },
  ): Promise<DataKey> => {
    const key = deriveKeys(id, await ring.unwrap(wrapped, id), since);
    const name = nameOf(org, id);
    if (keys.size >= remembered) keys.delete(keys.keys().next().value ?? name);
    keys.set(name, key);
    return key;
  };

  return {
    ensure: async ({ org, scope, subject }) => {
      const id = randomBytes(12).toString("hex");
      const wrapped = await ring.wrap(randomBytes(32), id);
      const db = tenants(org);
      await db
        .insertInto("data_key")
        .values({ id, org, scope, subject, wrapped })
        .onConflict((conflict) => conflict.columns(["org", "scope", "subject"]).doNothing())
        .execute();
      const row = await db
        .selectFrom("data_key")
        .select(["id", "wrapped", "since"])
        .where("org", "=", org)
        .where("scope", "=", scope)
        .where("subject", "=", subject)
        .executeTakeFirstOrThrow();
      return keys.get(nameOf(org, row.id)) ?? (await unwrap(org, row));
    },
    get: async (org, id) => {
      const known = keys.get(nameOf(org, id));
      if (known) return known;
      const row = await tenants(org)
        .selectFrom("data_key")
        .select(["id", "wrapped", "since"])
        .where("org", "=", org)
        .where("id", "=", id)
        .executeTakeFirst();
      if (!row) throw new DomainError("unavailable");
      return unwrap(org, row);
    },
    forget: (org, id) => void keys.delete(nameOf(org, id)),
  };
}

/** What is remembered for one organisation is no other's. */
function nameOf(org: string, id: string): string {
  return `${id} ${org}`;
}

export function deriveKeys(id: string, secret: Uint8Array, since = 1): DataKey {
  const derive = (purpose: string) =>
    createSecretKey(Buffer.from(hkdfSync("sha256", secret, id, `hugmedo ${purpose}`, 32)));
  return { id, cipher: derive("cipher"), mac: derive("mac"), since };
}

/** 16 bytes that stand for a request's text: HMAC-SHA-256 (RFC 2104), truncated. */
export function macOf(key: DataKey, text: string): Buffer {
  return createHmac("sha256", key.mac).update(text).digest().subarray(0, 16);
}
