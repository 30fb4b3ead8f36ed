import { createHash, createHmac, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { open, seal } from "../crypto/envelope.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";

/** A request that makes something, as its sender names it. Keys are the sender's own: another person's is another one. */
export interface KeyedRequest {
  readonly org: string;
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
  /** All of the request that matters, as text. */
  readonly content: string;
}

export type Claimed =
  /** It is new, or whoever was at it is gone: do it, then `keep` or `release`. */
  | {
      readonly is: "ours";
      readonly keep: (reply: string) => Promise<void>;
      readonly release: () => Promise<void>;
    }
  /** It was done. */
  | { readonly is: "done"; readonly reply: string }
  | { readonly is: "in_progress" }
  /** The key was used for a request with another content. */
  | { readonly is: "mismatch" };

/**
 * Lets each keyed request be done once within a day (draft-ietf-httpapi-idempotency-key-header). A request is claimed before
 * it is done. Replies are kept encrypted, keys and contents as hashes alone.
 */
export interface IdempotencyKeys {
  claim(request: KeyedRequest): Promise<Claimed>;
  /** Forgets what has expired, of all organisations. Returns how many. */
  sweep(): Promise<number>;
}

interface Parts {
  readonly db: Db;
  readonly tenants: Tenants;
  readonly ring: KeyRing;
}

/** A process that has not answered after so long has died, or its answer is not waited for any more. */
const claimFor = sql<Date>`clock_timestamp() + interval '60 seconds'`;
const keptFor = sql<Date>`clock_timestamp() + interval '24 hours'`;
const macUse = "hugmedo idempotency mac";
const cipherUse = "hugmedo idempotency cipher";
const sweepAtOnce = 10_000;

export function createIdempotencyKeys({ db, tenants, ring }: Parts): IdempotencyKeys {
  const fingerprintOf = (content: string, name?: string) =>
    createHmac("sha256", ring.derive(macUse, name).key).update(content).digest();

  const claim = async (request: KeyedRequest): Promise<Claimed> => {
    const { org, principal, operation, content } = request;
    const at = { org, principal, operation, key: createHash("sha256").update(request.key).digest() };
    const place = [org, principal, operation, at.key.toString("hex")].join("\n");
    const ours = randomUUID();
    const rows = tenants(org);
    const mine = () => ({ claim: ours, claimed_until: claimFor, expires_at: keptFor });
    const here = () => rows.selectFrom("idempotency_key").where((row) => row.and(at));

    const granted = (ringKey: string): Claimed => {
      const cipher = ring.derive(cipherUse, ringKey).key;
      return {
        is: "ours",
        keep: async (reply) => {
          await rows
            .updateTable("idempotency_key")
            .set({ reply: seal(cipher, reply, place) })
            .where((row) => row.and({ ...at, claim: ours }))
            .execute();
        },
        release: async () => {
          await rows
            .deleteFrom("idempotency_key")
            .where((row) => row.and({ ...at, claim: ours }))
            .execute();
        },
      };
    };

    const { name } = ring.derive(macUse);
    const fresh = { ...mine(), ring_key: name, fingerprint: fingerprintOf(content), reply: null };
    const inserted = await rows
      .insertInto("idempotency_key")
      .values({ ...at, ...fresh })
      .onConflict((row) =>
        row
          .columns(["org", "principal", "operation", "key"])
          .doUpdateSet(fresh)
          .where("idempotency_key.expires_at", "<", sql<Date>`clock_timestamp()`),
      )
      .returning("claim")
      .executeTakeFirst();
    if (inserted) return granted(name);

    const found = await here()
      .select(["fingerprint", "ring_key", "claim", "reply"])
      .select(sql<boolean>`claimed_until < clock_timestamp()`.as("lapsed"))
      .executeTakeFirst();
    // Released between the two statements: whoever sends it again gets it.
    if (!found) return { is: "in_progress" };
    if (!fingerprintOf(content, found.ring_key).equals(found.fingerprint)) return { is: "mismatch" };
    if (found.reply) {
      return {
        is: "done",
        reply: open(ring.derive(cipherUse, found.ring_key).key, found.reply, place).toString(),
      };
    }
    if (!found.lapsed) return { is: "in_progress" };
    const taken = await rows
      .updateTable("idempotency_key")
      .set(mine())
      .where((row) => row.and({ ...at, claim: found.claim }))
      .returning("claim")
      .executeTakeFirst();
    return taken ? granted(found.ring_key) : { is: "in_progress" };
  };

  return {
    claim,
    sweep: async () => {
      const expired = db
        .selectFrom("idempotency_key")
        .select("key")
        .where("expires_at", "<", sql<Date>`clock_timestamp()`)
        .limit(sweepAtOnce);
      const { numDeletedRows } = await db
        .deleteFrom("idempotency_key")
        .where("key", "in", expired)
        .where("expires_at", "<", sql<Date>`clock_timestamp()`)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
