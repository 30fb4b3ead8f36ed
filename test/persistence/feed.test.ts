import { setTimeout as after } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { createFeed, type Feed, type FeedEntry, feedStart } from "../../core/platform/journal/feed.ts";
import { createJournalStore, type RoomPart } from "../../core/platform/journal/journal-store.ts";
import { horizonAge } from "../../core/platform/journal/progress.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { createPaper, type Paper, type WrittenRoom } from "./written-room.ts";

const writers = 16;
const transactions = 14;
const orgs = ["clinic", "other"] as const;
const rolledBack = 0.2;
const longest = 500;

let postgres: Postgres;
let database: Database;
let paper: Paper;
let feed: Feed;
beforeAll(async () => {
  postgres = await startPostgres();
  database = await openPostgres(postgres.url, writers + 4);
  paper = createPaper(database);
  feed = createFeed({ ...database, keys: paper.keys, log: createLogger({ level: "silent" }) });
}, 60_000);
afterAll(async () => {
  await database.close();
  await postgres.dispose();
});

const place = ({ ref, seq }: Pick<FeedEntry, "ref" | "seq">): string => `${ref.kind}:${ref.id}/${seq}`;
const unlikely = new Error("rolled back");

/** Appends in transactions that stay open for a while, some of which come to nothing; returns what it committed. */
async function write(rooms: readonly WrittenRoom[], at: number): Promise<string[]> {
  const committed: string[] = [];
  const waiting = new Map<WrittenRoom, RoomPart>();
  for (let i = 0; i < transactions; i += 1) {
    const room = rooms[Math.floor(Math.random() * rooms.length)];
    if (!room) throw new Error("a writer without rooms");
    const events = Array.from({ length: 1 + Math.floor(Math.random() * 3) }, () => ({
      at,
      by: "a",
      event: { type: "test.said", body: "こんにちは" },
    }));
    const part = waiting.get(room) ?? room.part(events);
    waiting.set(room, part);
    const hold = Math.random() * longest * Math.random();
    const kept = Math.random() > rolledBack || i === transactions - 1;
    await database.db
      .transaction()
      .execute(async (tx) => {
        // Some have their transaction's number long before they take positions in the journal.
        if (Math.random() < 0.5) await sql`select pg_current_xact_id()`.execute(tx);
        await after(hold / 2);
        expect(await createJournalStore({ db: tx, appends: tx }).append([part])).toEqual(["appended"]);
        await after(hold / 2);
        if (!kept) throw unlikely;
      })
      .catch((error: unknown) => {
        if (error !== unlikely) throw error;
      });
    if (!kept) continue;
    waiting.delete(room);
    committed.push(...part.entries.map(({ seq }) => place({ ref: part.ref, seq })));
  }
  return committed;
}

/** Follows the feed until it is told to stop and nothing more comes. */
async function follow(org: string | null, stopped: () => boolean): Promise<FeedEntry[]> {
  const seen: FeedEntry[] = [];
  for (let cursor = feedStart; ; ) {
    const last = stopped();
    const { entries, next, more } = await feed.read({
      org,
      after: cursor,
      limit: 1 + Math.floor(Math.random() * 9),
    });
    seen.push(...entries);
    cursor = next;
    if (!more && last) return seen;
    if (!more) await after(2);
  }
}

/** As one would read a table with a growing number: the fault that the feed is made to avoid. */
async function followByPosition(stopped: () => boolean): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = 0; ; ) {
    const last = stopped();
    const rows = await database.db
      .selectFrom("journal")
      .select(["kind", "id", "seq", "position"])
      .where("position", ">", cursor)
      .orderBy("position")
      .limit(50)
      .execute();
    seen.push(...rows.map(({ kind, id, seq }) => `${kind}:${id}/${seq}`));
    cursor = rows.at(-1)?.position ?? cursor;
    if (rows.length === 0 && last) return seen;
    await after(2);
  }
}

function expectInOrder(entries: readonly FeedEntry[]): void {
  const seqs = new Map<string, number>();
  for (const [i, { cursor, ref, seq }] of entries.entries()) {
    const before = entries[i - 1]?.cursor ?? { tx: "0", position: 0 };
    const later =
      BigInt(cursor.tx) > BigInt(before.tx) || (cursor.tx === before.tx && cursor.position > before.position);
    expect([i, later]).toEqual([i, true]);
    const room = `${ref.kind}:${ref.id}`;
    expect([room, seq]).toEqual([room, (seqs.get(room) ?? 0) + 1]);
    seqs.set(room, seq);
  }
}

describe("the feed under sixteen writers with long transactions", { timeout: 120_000 }, () => {
  it("has no gap and no repeat, keeps its order, and brings everything", async () => {
    const made = await Promise.all(
      Array.from({ length: writers * 2 }, (_, i) =>
        paper.room({ kind: i % 3 === 0 ? "waiting" : "chat", id: `room-${i}` }, orgs[i % 2]),
      ),
    );
    let written = false;
    const stopped = (): boolean => written;
    const readers = Promise.all([follow(null, stopped), ...orgs.map((org) => follow(org, stopped))]);
    const naive = followByPosition(stopped);
    const committed = (
      await Promise.all(
        Array.from({ length: writers }, (_, i) => write(made.slice(2 * i, 2 * i + 2), Date.now())),
      )
    ).flat();
    written = true;

    const [all = [], ...each] = await readers;
    for (const entries of [all, ...each]) expectInOrder(entries);
    expect(committed.length).toBeGreaterThan(writers * transactions * 0.7);
    expect(all.map(place).sort()).toEqual(committed.toSorted());
    for (const [i, org] of orgs.entries()) {
      expect(each[i]?.map(place)).toEqual(all.filter((entry) => entry.org === org).map(place));
    }
    expect(all.every(({ recorded }) => recorded !== null)).toBe(true);

    // The same run, read by the number alone: it has to miss some, or this test shows nothing.
    const missed = committed.length - new Set(await naive).size;
    expect(missed).toBeGreaterThan(0);
    console.info(`${committed.length} events committed; a reader by position alone missed ${missed}`);
  });

  it("waits for a transaction that is left open, and says for how long", async () => {
    const room = await paper.room({ kind: "chat", id: "behind" });
    const start = (await follow(null, () => true)).at(-1)?.cursor ?? feedStart;
    const open = await database.db.startTransaction().execute();
    await sql`select pg_current_xact_id()`.execute(open);
    const event = { at: Date.now() - 60_000, by: "a", event: { type: "test.said" } };
    expect(await paper.journal.append([room.part([event])])).toEqual(["appended"]);
    const read = () => feed.read({ org: "clinic", after: start, limit: 9 });
    expect((await read()).entries).toEqual([]);
    expect(await horizonAge(database.db)).toBeGreaterThan(55);
    await open.rollback().execute();
    expect((await read()).entries.map(place)).toEqual(["chat:behind/1"]);
    expect(await horizonAge(database.db)).toBe(0);
  });

  it("finds one organisation's events by an index, under its row-level security", async () => {
    const { rows } = await database
      .tenants("other")
      .transaction()
      .execute(async (tx) => {
        await sql`set local enable_seqscan = off`.execute(tx);
        return sql<{ "QUERY PLAN": string }>`
        explain select * from journal where org = 'other' and (tx, position) > ('7'::xid8, 7)
        and tx < feed_horizon() order by tx, position limit 5`.execute(tx);
      });
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toMatch(/Index Scan using journal_org_feed[\s\S]*Index Cond: .*ROW\(tx/);
    expect(plan).not.toMatch(/Sort/);
  });
});
