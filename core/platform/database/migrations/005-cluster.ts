import { CompiledQuery, type Kysely } from "kysely";

/**
 * The processes that serve rooms. The row is a process's lease: how long it has been silent, by the database's
 * clock, says whom others may replace. What keeps a room safe is its epoch, never this.
 */
const statements = [
  `create table process (
    id text primary key,
    address text not null,
    version text not null,
    started_at timestamptz not null default clock_timestamp(),
    renewed_at timestamptz not null default clock_timestamp(),
    draining boolean not null default false,
    rooms integer not null default 0,
    people integer not null default 0,
    load real not null default 0
  ) with (fillfactor = 50)`,
  "create index room_owner_process on room_owner (process, kind, id) where process is not null",
  "grant select, insert, update, delete on process to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
