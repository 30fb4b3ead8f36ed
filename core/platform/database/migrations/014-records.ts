import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

/**
 * The audit's chain: each entry's place in its organisation's (`audit_seal`), how far it goes (`audit_head`, by whose change
 * of exactly the row that was read a sealer wins over another), and signed checkpoints of it. Entries carry their transaction, as
 * the journal's do, so that one that is committed late is not passed over.
 */
const audit = [
  "alter table audit_entry add column tx xid8 not null default pg_current_xact_id()",
  "create index audit_entry_order on audit_entry (org, tx, id)",
  "create index audit_entry_subject on audit_entry (org, subject, at, id) where subject is not null",
  "create index audit_entry_actor on audit_entry (org, actor, at, id)",
  `create table audit_head (
    org text primary key,
    n bigint not null,
    hash text not null,
    tx xid8 not null,
    entry bigint not null
  )`,
  `create table audit_seal (
    org text not null,
    n bigint not null,
    entry bigint not null,
    hash text not null,
    primary key (org, n),
    unique (org, entry)
  )`,
  `create table audit_checkpoint (
    org text not null,
    n bigint not null,
    hash text not null,
    at bigint not null,
    previous bigint not null,
    segment text not null,
    kid text not null,
    signature text not null,
    kept_at bigint,
    primary key (org, n)
  )`,
  "create index audit_checkpoint_unkept on audit_checkpoint (org, n) where kept_at is null",
  `create table audit_key (
    kid text primary key,
    public_key text not null,
    private_key bytea not null,
    created_at bigint not null
  )`,
  "grant select, insert, update on audit_head to hugmedo_engine",
  "grant select, insert on audit_seal, audit_checkpoint, audit_key to hugmedo_engine",
  "grant update (kept_at) on audit_checkpoint to hugmedo_engine",
  ...tenantTable("audit_seal", ["select"]),
  ...tenantTable("audit_checkpoint", ["select"]),
];

/** How long an organisation keeps what, and what must stay whatever that says. */
const retention = [
  `create table retention_rule (
    org text not null,
    kind text not null,
    days int,
    changed_at bigint not null,
    changed_by text not null,
    primary key (org, kind)
  )`,
  `create table legal_hold (
    id text primary key,
    org text not null,
    person text,
    kind text,
    room text,
    reason text not null,
    placed_at bigint not null,
    placed_by text not null,
    lifted_at bigint,
    lifted_by text,
    check ((person is null) = (room is not null) and (kind is null) = (room is null))
  )`,
  "create index legal_hold_standing on legal_hold (org, id) where lifted_at is null",
  ...tenantTable("retention_rule", ["select", "insert", "update", "delete"]),
  ...tenantTable("legal_hold", ["select", "insert", "update"]),
  "grant select on retention_rule, legal_hold to hugmedo_engine",
];

/**
 * Erasure destroys keys. A room whose key is gone goes on under a new one: `since` is the first seq that is encrypted under it, and
 * what is before opens no more. `destroyed_key` tells every process which keys it must forget, and `rekeyed_room` which rooms it must let go of.
 */
const erasure = [
  "alter table data_key add column since bigint not null default 1",
  `create table destroyed_key (
    id text primary key,
    org text not null,
    cause text not null,
    position bigint generated always as identity,
    at timestamptz not null default now()
  )`,
  "create index room_owner_key on room_owner (key_id)",
  "create index destroyed_key_cause on destroyed_key (cause)",
  `create table rekeyed_room (
    kind text not null,
    id text not null,
    org text not null,
    old_key text not null references destroyed_key (id),
    position bigint generated always as identity,
    finished_at bigint,
    primary key (kind, id, old_key)
  )`,
  "create index rekeyed_room_position on rekeyed_room (position)",
  "create index destroyed_key_position on destroyed_key (position)",
  `create table erasure (
    id text primary key,
    org text not null,
    person text not null,
    reason text not null,
    requested_at bigint not null,
    requested_by text not null,
    due_at bigint not null,
    cancelled_at bigint,
    cancelled_by text,
    begun_at bigint,
    done_at bigint
  )`,
  "create unique index erasure_open on erasure (org, person) where cancelled_at is null and done_at is null",
  "grant select, insert on destroyed_key to hugmedo_engine",
  "grant select, insert, update on rekeyed_room to hugmedo_engine",
  "grant select, update on erasure to hugmedo_engine",
  ...tenantTable("erasure", ["select", "insert", "update"]),
];

/** Texts that people consent to. A version that was shown to somebody is never changed. */
const consent = [
  `create table consent_text (
    org text not null,
    kind text not null,
    language text not null,
    version int not null,
    body text not null,
    created_at bigint not null,
    created_by text not null,
    primary key (org, kind, language, version)
  )`,
  "grant select, insert on consent_text to hugmedo_engine",
  ...tenantTable("consent_text", ["select", "insert"]),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [...audit, ...retention, ...erasure, ...consent];
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
