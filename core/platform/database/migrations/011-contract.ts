import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

/** Replies to requests that make something, kept for a day so that a repeat gets the first one. */
const statements = [
  `create table idempotency_key (
    org text not null,
    principal text not null,
    operation text not null,
    key bytea not null,
    fingerprint bytea not null,
    ring_key text not null,
    claim text not null,
    reply bytea,
    claimed_until timestamptz not null,
    expires_at timestamptz not null,
    primary key (org, principal, operation, key)
  )`,
  "create index idempotency_key_expiry on idempotency_key (expires_at)",
  "grant select, insert, update, delete on idempotency_key to hugmedo_engine",
  ...tenantTable("idempotency_key", ["select", "insert", "update", "delete"]),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
