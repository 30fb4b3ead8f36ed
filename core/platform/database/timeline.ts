import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/** What was given out on the former server after the dump was made is below what is given out from now on. */
const room = 2n ** 32n;

interface Standing {
  readonly shift: string;
  /** The server that the timeline began on; null: not known. */
  readonly server: string | null;
  /** The highest number that is in use anywhere. */
  readonly highest: string;
  /** Every transaction from here on has yet to end; none of its rows can be seen. */
  readonly next: string;
  /** The lowest number, without the shift, that may still be given to a row. */
  readonly lowest: string;
}

/**
 * A server numbers its transactions from its own beginning. A database that was dumped on one and restored on another has rows of
 * numbers that are yet to come, which readers of the feed and the audit's sealer would wait for, while new rows would come
 * before those that are there. Then numbers begin, from now on, above all that were ever given out: the order and every
 * cursor stay good. To be called before anything is written. Whether a new timeline has begun.
 */
export async function keepTimeline(db: Kysely<Tables>): Promise<boolean> {
  const server = await serverOf(db);
  const before = await standing(db);
  if (!isElsewhere(before, server)) {
    if (server !== null && before.server === null)
      await sql`update feed_timeline set server = ${server} where n = (select max(n) from feed_timeline)`.execute(
        db,
      );
    return false;
  }
  return db.transaction().execute(async (tx) => {
    // Whoever writes has ended, or waits; other processes that start look again.
    await sql`lock table journal, audit_entry, feed_timeline in exclusive mode`.execute(tx);
    const now = await standing(tx);
    if (!isElsewhere(now, server)) return false;
    const above = BigInt(now.highest) + room - BigInt(now.lowest);
    const shift = sql.lit(String(above > BigInt(now.shift) ? above : BigInt(now.shift)));
    await sql`create or replace function feed_shift() returns bigint language sql immutable
      return ${shift}::bigint`.execute(tx);
    await sql`insert into feed_timeline (shift, server) values (${shift}::bigint, ${server})`.execute(tx);
    return true;
  });
}

function isElsewhere(now: Standing, server: string | null): boolean {
  const moved = server !== null && now.server !== null && server !== now.server;
  return moved || BigInt(now.highest) >= BigInt(now.next);
}

/** null: we may not know. Copies of a server's files have the same one, and the same numbers. */
async function serverOf(db: Kysely<Tables>): Promise<string | null> {
  const { rows: allowed } = await sql<{ may: boolean }>`
    select has_function_privilege('pg_control_system()', 'execute') as may`.execute(db);
  if (!allowed[0]?.may) return null;
  const { rows } = await sql<{ server: string }>`
    select system_identifier::text as server from pg_control_system()`.execute(db);
  return rows[0]?.server ?? null;
}

/** The parts of one look: they are of the same snapshot. */
async function standing(db: Kysely<Tables>): Promise<Standing> {
  // From one organisation to the next in the index, whatever number of entries each has.
  const { rows } = await sql<Standing>`
    with recursive audit_orgs as (
      (select org from audit_entry order by org limit 1)
      union all
      select (select e.org from audit_entry e where e.org > o.org order by e.org limit 1)
      from audit_orgs o where o.org is not null
    )
    select feed_shift()::text as shift,
      (select server from feed_timeline order by n desc limit 1) as server,
      greatest(
        '0'::xid8,
        (select tx from journal order by tx desc limit 1),
        (select max(last.tx) from audit_orgs, lateral (
          select tx from audit_entry e where e.org = audit_orgs.org order by e.tx desc limit 1
        ) last),
        (select max(tx) from projection), (select max(tx) from webhook), (select max(tx) from search_generation)
      )::text as highest,
      (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + feed_shift())::text as next,
      pg_snapshot_xmin(pg_current_snapshot())::text as lowest`.execute(db);
  const [row] = rows;
  if (!row) throw new Error("the database did not answer");
  return row;
}
