import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

const statements = [
  // Counts the changes that administrators make.
  "alter table person add column revision int not null default 1",
  "alter table org add column revision int not null default 1",
  "grant update (name, revision) on org to hugmedo_tenant",
  // Who may read a room that they have no part in, until when. The reason is encrypted under the room's key.
  `create table break_glass (
    org text not null,
    id text primary key,
    person text not null,
    kind text not null,
    room text not null,
    reason bytea not null,
    opened_at bigint not null,
    expires_at bigint not null
  )`,
  "create index break_glass_newest on break_glass (org, opened_at, id)",
  "create index break_glass_open on break_glass (org, person, kind, room, expires_at)",
  ...tenantTable("break_glass", ["select", "insert"]),
  "grant select, insert, delete on break_glass to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
