import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createBus } from "../../core/platform/journal/bus.ts";
import { createFeed, type FeedEntry, feedStart, type Projection } from "../../core/platform/journal/feed.ts";
import { startProjector } from "../../core/platform/journal/projector.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { databaseKinds, openDatabase } from "./databases.ts";
import { createPaper, type WrittenRoom } from "./written-room.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
const databases = new Map<string, Promise<Database>>();
afterAll(async () => {
  for (const database of databases.values()) await (await database).close();
});
let stages = 0;

const quick = { firstPause: 2, longestPause: 10 };

/** Rooms of this test to write, and what reads them. The database is there once, with what was written before. */
async function stage(kind: (typeof databaseKinds)[number]) {
  const opening = databases.get(kind) ?? openDatabase(kind);
  databases.set(kind, opening);
  const database = await opening;
  const n = ++stages;
  const papers = createPaper(database);
  const paper = {
    ...papers,
    room: (ref: RoomRef, org?: string) => papers.room({ ...ref, id: `${ref.id}-${n}` }, org),
  };
  const log: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: "warn",
    destination: { write: (line) => void log.push(JSON.parse(line)) },
  });
  const feed = createFeed({ ...database, keys: paper.keys, log: logger });
  const from = (await feed.read({ org: null, after: feedStart, limit: 1_000 })).next;
  const name = `counter-${n}`;
  await database.db
    .insertInto("projection")
    .values({ name, ...from })
    .execute();
  await database.db.deleteFrom("org_setting").execute();
  const arrivals = createArrivals();
  const write = async (room: WrittenRoom, ...bodies: string[]): Promise<void> => {
    const events = bodies.map((body) => ({ at: 1, by: "a", event: { type: "test.said", body } }));
    expect(await paper.journal.append([room.part(events)])).toEqual(["appended"]);
  };
  const bus = createBus({ feed, arrivals, log: logger, latest: 20 });
  undo.push(() => bus.stop());
  const start = (projections: readonly Projection[], process = "one", lease = 500) => {
    const projector = startProjector({
      database,
      feed,
      projections,
      process,
      bus,
      log: logger,
      times: { ...quick, lease },
    });
    undo.push(() => projector.stop());
    return projector;
  };
  /** Counts in the database itself, so that a slice that is applied twice is seen. */
  const counter = (): Projection & { readonly seen: FeedEntry[] } => {
    const seen: FeedEntry[] = [];
    return {
      name,
      seen,
      apply: async (tx, entries) => {
        const ours = entries.filter(({ ref }) => ref.id.endsWith(`-${n}`));
        for (const { ref, seq } of ours) {
          const row = { org: "clinic", name: `${ref.id.split("-")[0]}/${seq}`, value: "1" };
          await tx.insertInto("org_setting").values(row).execute();
        }
        seen.push(...ours);
      },
    };
  };
  return { database, paper, feed, from, name, counter, arrivals, write, start, log };
}

const counted = async ({ db }: Database): Promise<string[]> => {
  const rows = await db.selectFrom("org_setting").select("name").orderBy("name").execute();
  return rows.map(({ name }) => name);
};

describe.each(databaseKinds)("the feed and its projections (%s)", { timeout: 60_000 }, (kind) => {
  it("reads every organisation's events or one's, and goes on where it stopped", async () => {
    const { paper, feed, from, write } = await stage(kind);
    const [ours, theirs] = [
      await paper.room({ kind: "chat", id: "ours" }, "clinic"),
      await paper.room({ kind: "waiting", id: "theirs" }, "other"),
    ];
    await write(ours, "1", "2");
    await write(theirs, "3");
    await write(ours, "4");
    const said = (entries: readonly FeedEntry[]) =>
      entries.map(({ recorded }) => recorded?.event).map((event) => event && "body" in event && event.body);
    const first = await feed.read({ org: null, after: from, limit: 3 });
    expect([said(first.entries), first.more]).toEqual([["1", "2", "3"], true]);
    const second = await feed.read({ org: null, after: first.next, limit: 3 });
    expect([said(second.entries), second.more]).toEqual([["4"], false]);
    const third = await feed.read({ org: null, after: second.next, limit: 3 });
    expect(third).toEqual({ entries: [], next: second.next, more: false });
    expect(said((await feed.read({ org: "clinic", after: from, limit: 9 })).entries)).toEqual([
      "1",
      "2",
      "4",
    ]);
    expect(said((await feed.read({ org: "other", after: from, limit: 9 })).entries)).toEqual(["3"]);
  });

  it("tells of an event whose key is destroyed, without what it said", async () => {
    const { database, paper, feed, from, write } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "kept" }), "kept");
    await write(await paper.room({ kind: "chat", id: "gone" }), "gone");
    await database.db.deleteFrom("data_key").where("subject", "like", "chat:gone-%").execute();
    const { entries } = await feed.read({ org: "clinic", after: from, limit: 9 });
    expect(entries.map(({ ref, seq, recorded }) => [ref.id.split("-")[0], seq, recorded === null])).toEqual([
      ["kept", 1, false],
      ["gone", 1, true],
    ]);
  });

  it("applies each entry once, also what comes while it runs", async () => {
    const { database, paper, name, counter, arrivals, write, start } = await stage(kind);
    const room = await paper.room({ kind: "chat", id: "r" });
    await write(room, "1", "2");
    const projection = counter();
    const projector = start([projection]);
    await expect.poll(() => projection.seen.length).toBe(2);
    await write(room, "3");
    arrivals.notify();
    await expect.poll(() => projection.seen.length).toBe(3);
    expect(await counted(database)).toEqual(["r/1", "r/2", "r/3"]);
    expect(await projector.lag()).toEqual({ [name]: 0 });
  });

  it("keeps nothing of a slice that failed, and tries it again", async () => {
    const { database, paper, name, counter, write, start, log } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "r" }), "1", "2");
    const steady = counter();
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
      [name, 1],
      [name, 2],
      [name, 3],
    ]);
    expect(projector.failing()).toEqual({ [name]: 0 });
  });

  it("is built anew while it runs", async () => {
    const { database, paper, name, counter, write, start } = await stage(kind);
    await write(await paper.room({ kind: "chat", id: "r" }), "1", "2");
    const projection = counter();
    const projector = start([projection]);
    await expect.poll(() => projection.seen.length).toBe(2);
    await projector.rebuild(name, async (tx) => void (await tx.deleteFrom("org_setting").execute()));
    await expect.poll(() => projection.seen.length).toBe(4);
    expect(await counted(database)).toEqual(["r/1", "r/2"]);
  });
});

describe("projections on several processes", { timeout: 60_000 }, () => {
  it("apply each entry once, also where two believe that it is theirs", async () => {
    const { database, paper, name, counter, write, start } = await stage("postgres");
    const room = await paper.room({ kind: "chat", id: "r" });
    const projection = counter();
    // Leases that are over at once keep nobody off.
    const projectors = ["one", "two", "three"].map((process) => start([projection], process, 0));
    for (let i = 0; i < 40; i += 1) await write(room, "a", "b");
    for (const projector of projectors) projector.wake();
    await expect.poll(() => counted(database)).toHaveLength(80);
    await expect.poll(() => projectors[0]?.lag()).toEqual({ [name]: 0 });
    expect(projectors.map((each) => each.failing())).toEqual(Array(3).fill({ [name]: 0 }));
  });

  it("pass to another when the one that has it is gone", async () => {
    const { paper, counter, write, start } = await stage("postgres");
    const room = await paper.room({ kind: "chat", id: "r" });
    const [first, second] = [counter(), counter()];
    const one = start([first], "one", 60_000);
    await write(room, "1");
    await expect.poll(() => first.seen.length).toBe(1);
    start([second], "two", 60);
    await one.stop();
    await write(room, "2");
    await expect.poll(() => second.seen.map(({ seq }) => seq)).toEqual([2]);
  });
});
