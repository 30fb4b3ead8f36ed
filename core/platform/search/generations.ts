import { sql } from "kysely";
import type { Db } from "../database/database.ts";
import type { FeedCursor } from "../journal/feed.ts";

/** A build of the index, and how far it has read the journal. */
export interface Generation {
  readonly id: number;
  readonly state: "live" | "building" | "retired";
  readonly keyName: string;
  readonly cursor: FeedCursor;
}

/** What is looked up in; null: nothing was indexed yet. */
export async function liveGeneration(db: Db): Promise<Generation | null> {
  return (await select(db)).find(({ state }) => state === "live") ?? null;
}

/** Those that are written, which stay as they are until the transaction ends. Always taken in the same order. */
export async function lockGenerations(tx: Db): Promise<readonly Generation[]> {
  return (await select(tx, sql`for update`)).filter(({ state }) => state !== "retired");
}

export async function generations(db: Db): Promise<readonly Generation[]> {
  return select(db);
}

async function select(db: Db, lock = sql``): Promise<Generation[]> {
  const { rows } = await sql<Omit<Generation, "cursor"> & FeedCursor>`
    select id, state, key_name as "keyName", tx::text as tx, position
    from search_generation order by id ${lock}`.execute(db);
  return rows.map(({ tx, position, ...generation }) => ({ ...generation, cursor: { tx, position } }));
}

/** Begins a build unless there is one of this state. */
export async function beginGeneration(db: Db, state: "live" | "building", keyName: string): Promise<void> {
  await sql`
    insert into search_generation (id, state, key_name)
    select coalesce(max(id), 0) + 1, ${state}, ${keyName} from search_generation
    on conflict do nothing`.execute(db);
}

export async function advanceGeneration(tx: Db, id: number, { tx: at, position }: FeedCursor): Promise<void> {
  await sql`
    update search_generation set tx = ${at}::xid8, position = ${position}, touched_at = clock_timestamp()
    where id = ${id}`.execute(tx);
}

/** From now on `to` is looked up in. */
export async function switchGeneration(tx: Db, from: number, to: number): Promise<void> {
  await tx.updateTable("search_generation").set({ state: "retired" }).where("id", "=", from).execute();
  await tx.updateTable("search_generation").set({ state: "live" }).where("id", "=", to).execute();
}

export function isBeyond(a: FeedCursor, b: FeedCursor): boolean {
  const [first, second] = [BigInt(a.tx), BigInt(b.tx)];
  return first > second || (first === second && a.position > b.position);
}
