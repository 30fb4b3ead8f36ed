import { afterEach, describe, expect, it } from "vitest";
import type { Database } from "../../core/platform/database/database.ts";
import { createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createFeed, type FeedEntry, feedStart, type Projection } from "../../core/platform/journal/feed.ts";
import { startProjector } from "../../core/platform/journal/projector.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type WrittenRoom } from "./written-room.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const quick = { soonest: 2, latest: 20, firstPause: 2, longestPause: 10 };

/** A database with rooms to write, and what reads it. */
async function stage(kind: (typeof databaseKinds)[number]) {
  const database = await openDatabase(kind);
  undo.push(() => database.close());
  const paper = createPaper(database);
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: "warn",
    destination: { write: (line) => void log.push(JSON.parse(line)) },
  });
  const feed = createFeed({ ...database, keys: paper.keys, log: logger });
  const arrivals = createArrivals();
  const write = async (room: WrittenRoom, ...bodies: string[]): Promise<void> => {
    const events = bodies.map((body) => ({ at: 1, by: "a", event: { type: "test.said", body } }));
    expect(await paper.journal.append([room.part(events)])).toEqual(["appended"]);
  };
  const start = (projections: readonly Projection[], process = "one", lease = 500) => {
    const projector = startProjector({
      database,
      feed,
      projections,
      process,
      arrivals,
      log: logger,
      times: { ...quick, lease },
    });
    undo.push(() => projector.stop());
    return projector;
  };
  return { database, paper, feed, arrivals, write, start, log };
}

/** Counts in the database itself, so that a slice that is applied twice is seen. */
async function counter(): Promise<Projection & { readonly seen: FeedEntry[] }> {
  const seen: FeedEntry[] = [];
  return {
    name: "counter",
    seen,
    apply: async (tx, entries) => {
      for (const { ref, seq } of entries) {
        await tx
          .insertInto("org_setting")
          .values({ org: "clinic", name: `${ref.id}/${seq}`, value: "1" })
          .execute();
      }
      seen.push(...entries);
    },
  };
}

const counted = async ({ db }: Database): Promise<string[]> => {
  const rows = await db.selectFrom("org_setting").select("name").orderBy("name").execute();
  return rows.map(({ name }) => name);
};

describe.each(databaseKinds)("the feed and its projections (%s)", { timeout: 60_000 }, (kind) => {
  it("reads every organisation's events or one's, and goes on where it stopped", async () => {
    const { paper, feed, write } = await stage(kind);
    const [ours, theirs] = [
      await paper.room({ kind: "chat", id: "ours" }, "clinic"),
      await paper.room({ kind: "waiting", id: "theirs" }, "other"),
    ];
    await write(ours, "1", "2");
    await write(theirs, "3");
    await write(ours, "4");
    const said = (entries: readonly FeedEntry[]) =>
      entries.map(({ recorded }) => recorded?.event).map((event) => event && "body" in event && event.body);
    const first = await feed.read({ org: null, after: feedStart, limit: 3 });
    expect([said(first.entries), first.more]).toEqual([["1", "2", "3"], true]);
    const second = await feed.read({ org: null, after: first.next, limit: 3 });
    expect([said(second.entries), second.more]).toEqual([["4"], false]);
    const third = await feed.read({ org: null, after: second.next, limit: 3 });
    expect(third).toEqual({ entries: [], next: second.next, more: false });
    expect(said((await feed.read({ org: "clinic", after: feedStart, limit: 9 })).entries)).toEqual([
      "1",
      "2",
      "4",
    ]);
    expect(said((await feed.read({ org: "other", after: feedStart, limit: 9 })).entries)).toEqual(["3"]);
  });

  it("tells of an event whose key is destroyed, without what it said", async () => {
    const { database, paper, feed, write } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "kept" }), "kept");
    await write(await paper.room({ kind: "chat", id: "gone" }), "gone");
    await database.db.deleteFrom("data_key").where("subject", "=", "chat:gone").execute();
    const { entries } = await feed.read({ org: "clinic", after: feedStart, limit: 9 });
    expect(entries.map(({ ref, seq, recorded }) => [ref.id, seq, recorded === null])).toEqual([
      ["kept", 1, false],
      ["gone", 1, true],
    ]);
  });

  it("applies each entry once, also what comes while it runs", async () => {
    const { database, paper, arrivals, write, start } = await stage(kind);
    const room = await paper.room({ kind: "chat", id: "r" });
    await write(room, "1", "2");
    const projection = await counter();
    const projector = start([projection]);
    await expect.poll(() => projection.seen.length).toBe(2);
    await write(room, "3");
    arrivals.notify();
    await expect.poll(() => projection.seen.length).toBe(3);
    expect(await counted(database)).toEqual(["r/1", "r/2", "r/3"]);
    expect(await projector.lag()).toEqual({ counter: 0 });
  });

  it("keeps nothing of a slice that failed, and tries it again", async () => {
    const { database, paper, write, start, log } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "r" }), "1", "2");
    const steady = await counter();
    let left = 3;
    const projector = start([
      {
        ...steady,
        apply: async (tx, entries) => {
          await steady.apply(tx, entries);
          if (left-- > 0) throw new Error("not now");
        },
      },
    ]);
    await expect.poll(() => counted(database)).toEqual(["r/1", "r/2"]);
    expect(steady.seen).toHaveLength(8);
    expect(log.map(({ projection, failures }) => [projection, failures])).toEqual([
      ["counter", 1],
      ["counter", 2],
      ["counter", 3],
    ]);
    expect(projector.failing()).toEqual({ counter: 0 });
  });

  it("is built anew while it runs", async () => {
    const { database, paper, write, start } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "r" }), "1", "2");
    const projection = await counter();
    const projector = start([projection]);
    await expect.poll(() => projection.seen.length).toBe(2);
    await projector.rebuild("counter", async (tx) => void (await tx.deleteFrom("org_setting").execute()));
    await expect.poll(() => projection.seen.length).toBe(4);
    expect(await counted(database)).toEqual(["r/1", "r/2"]);
  });
});
