import { CompiledQuery, type Kysely } from "kysely";

/** The media nodes: where they are reached, and what each carries. How long one has been silent is by the database's clock. */
const statements = [
  `create table media_node (
    id text primary key,
    address text not null,
    version text not null,
    workers integer not null default 0,
    sessions integer not null default 0,
    consumers integer not null default 0,
    draining boolean not null default false,
    seen_at timestamptz not null default clock_timestamp()
  ) with (fillfactor = 50)`,
  "grant select, insert, update, delete on media_node to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
