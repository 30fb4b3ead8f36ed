import { CompiledQuery, type Kysely } from "kysely";

/**
 * What orders the feed and the audit is the transaction's number plus a shift, which is raised when the database finds itself on a
 * server that counts transactions anew (../timeline.ts). The shift is in a function: PostgreSQL puts its text into
 * the statements that use it, and a dump takes it along. `feed_timeline` says since when it is what it is.
 */
const statements = [
  "create function feed_shift() returns bigint language sql immutable return 0::bigint",
  `create function feed_tx() returns xid8 language sql volatile
    return (pg_current_xact_id()::text::bigint + feed_shift())::text::xid8`,
  `create function feed_horizon() returns xid8 language sql stable
    return (pg_snapshot_xmin(pg_current_snapshot())::text::bigint + feed_shift())::text::xid8`,
  "alter table journal alter column tx set default feed_tx()",
  "alter table audit_entry alter column tx set default feed_tx()",
  `create table feed_timeline (
    n bigint generated always as identity primary key,
    shift bigint not null,
    server text,
    begun_at timestamptz not null default clock_timestamp()
  )`,
  "insert into feed_timeline (shift) values (0)",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
