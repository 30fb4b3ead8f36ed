import { CompiledQuery, type Kysely } from "kysely";

/**
 * Guests are people without a username, without a place in the directory, and with sessions that do not end
 * by idling: an invitation may be accepted long before the visit, and only once. `closed_guest` has no
 * reference to `person`: an invitation may be revoked before its guest was ever made.
 */
const statements = [
  "alter table person alter column username drop not null",
  "drop index person_directory",
  `create index person_directory on person (org, name collate "C", id collate "C")
    where not roles @> '{guest}'::text[]`,
  `create table closed_guest (
    id text primary key check (id ~ '^[a-z0-9-]{1,32}$'),
    closed_at bigint not null
  )`,
  "alter table session add column idles boolean not null default true",
  "grant select, insert on closed_guest to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
