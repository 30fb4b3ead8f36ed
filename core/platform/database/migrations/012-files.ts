import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

const all = ["select", "insert", "update", "delete"] as const;

/**
 * `file` is what people send to rooms, `file_version` each content of one: where it stands on its way in, and so the queue of what is to
 * be checked, with leases by the database's clock. Which message carries a file follows from the command that attached it.
 */
const statements = [
  `create table file (
    id text primary key,
    org text not null,
    kind text not null,
    room text not null,
    owner text not null,
    subject text,
    command text,
    reserved_at timestamptz,
    seq bigint,
    created_at timestamptz not null default clock_timestamp(),
    removed_at timestamptz
  )`,
  "create index file_room on file (kind, room, seq)",
  "create index file_owner on file (org, owner)",
  "create index file_subject on file (org, subject) where subject is not null",
  "create index file_loose on file (created_at) where seq is null and removed_at is null",
  "create index file_removed on file (removed_at) where removed_at is not null",
  `create table file_version (
    org text not null,
    file text not null references file (id) on delete cascade,
    version integer not null,
    key_id text not null,
    name bytea not null,
    type text not null,
    bytes bigint not null,
    sha256 bytea not null,
    state text not null,
    reason text,
    scanned boolean not null default false,
    incoming boolean not null,
    variants jsonb not null default '{}',
    tries integer not null default 0,
    lost integer not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease text,
    leased_until timestamptz,
    expires_at timestamptz not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (file, version)
  )`,
  "create index file_version_due on file_version (due_at) where state in ('quarantined', 'scanning')",
  "create index file_version_awaited on file_version (expires_at) where state = 'awaiting' or incoming",
  "create index file_version_key on file_version (key_id)",
  "grant select, insert, update, delete on file, file_version to hugmedo_engine",
  // Files follow their messages: also at times when nobody was there to see those deleted.
  "create index journal_deleted_at on journal (at) where type = 'chat.deleted'",
  ...tenantTable("file", all),
  ...tenantTable("file_version", all),
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
