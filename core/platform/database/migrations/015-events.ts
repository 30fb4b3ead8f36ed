import { CompiledQuery, type Kysely } from "kysely";

/** How far each reader of the journal has come; and the journal's order for readers of one organisation. */
const statements = [
  `create table projection (
    name text primary key,
    tx xid8 not null default '0',
    position bigint not null default 0,
    process text,
    leased_until timestamptz
  )`,
  "grant select, insert, update, delete on projection to hugmedo_engine",
  "create index journal_org_feed on journal (org, tx, position)",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
