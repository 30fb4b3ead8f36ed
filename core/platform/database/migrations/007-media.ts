import { CompiledQuery, type Kysely } from "kysely";

/**
 * `org_setting` is what an organisation has settled for itself, one row a setting.
 *
 * `chime_capture` is the lease of each recording that Amazon Chime makes, one row a segment: by the database's clock, it
 * says which of them nobody wants any more. Rows stay, so that what has ended never begins again and its files are found.
 */
const statements = [
  `create table org_setting (
    org text not null,
    name text not null,
    value jsonb not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (org, name)
  )`,
  `create table chime_capture (
    recording text not null,
    segment integer not null,
    sink text not null,
    pipeline text,
    arn text,
    epoch bigint not null default 0,
    started_at timestamptz not null default clock_timestamp(),
    renewed_at timestamptz not null default clock_timestamp(),
    swept_at timestamptz,
    ended_at timestamptz,
    primary key (recording, segment)
  )`,
  "create index chime_capture_running on chime_capture (renewed_at) where ended_at is null",
  "grant select, insert, update, delete on org_setting, chime_capture to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
