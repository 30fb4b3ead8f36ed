import { setTimeout as pause } from "node:timers/promises";
import type { Database, Db } from "../database/database.ts";
import type { Feed } from "../journal/feed.ts";
import type { Logger } from "../logger.ts";
import {
  advanceGeneration,
  beginGeneration,
  generations,
  isBeyond,
  lockGenerations,
  switchGeneration,
} from "./generations.ts";
import type { GramHashes } from "./gram-hashes.ts";
import { indexEntries } from "./index-writer.ts";

export interface RebuildParts {
  readonly database: Pick<Database, "db">;
  readonly feed: Feed;
  readonly hashes: GramHashes;
  readonly log: Pick<Logger, "info" | "warn">;
  /** For how long (ms) an index that is out of use is left for searches that are under way. */
  readonly graceMs?: number;
}

/** Makes the index anew from the journal, beside the one that is looked up in, and puts it in that one's place. */
export interface Rebuilder {
  /** Begins one, or goes on with the one that is under way. Resolves once it has begun; `done` when it is in place. */
  start(): Promise<{ readonly generation: number; readonly done: Promise<void> }>;
  /** Goes on with one that another process has left off. */
  resume(): Promise<void>;
  status(): Promise<RebuildStatus>;
  stop(): Promise<void>;
}

export interface RebuildStatus {
  /** What is looked up in; null: nothing yet. */
  readonly live: number | null;
  /** What is being made; null: nothing. */
  readonly building: number | null;
  /** How much of the journal that has read, from 0 to 1; null: nothing is being made. */
  readonly progress: number | null;
}

const entriesAtOnce = 500;
const rowsAtOnce = 5_000;
/** A build that nobody has carried on for so long was left off. */
const leftOffMs = 30_000;
/** Longer than any search takes. */
const usualGraceMs = 15_000;

export function createRebuilder(parts: RebuildParts): Rebuilder {
  const { db } = parts.database;
  const { graceMs = usualGraceMs } = parts;
  const ending = new AbortController();
  let stopped = false;
  let running: Promise<void> | null = null;

  const run = async (): Promise<void> => {
    while (!stopped && (await buildOn(parts)));
    await pause(graceMs, null, { signal: ending.signal }).catch(() => {});
    while (!stopped && (await removeRetired(parts)));
  };
  const carryOn = (): Promise<void> => {
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  };

  return {
    start: async () => {
      await beginGeneration(db, "building", parts.hashes.currentKey);
      const building = (await generations(db)).find(({ state }) => state === "building");
      const done = carryOn();
      done.catch((err: unknown) =>
        parts.log.warn({ err }, "the search index could not be built; it goes on later"),
      );
      return { generation: building?.id ?? 0, done };
    },
    resume: async () => {
      if (running || !(await isLeftOff(parts))) return;
      await carryOn();
    },
    status: async () => {
      const all = await generations(db);
      const live = all.find(({ state }) => state === "live")?.id ?? null;
      const building = all.find(({ state }) => state === "building");
      if (!building) return { live, building: null, progress: null };
      const { position } = building.cursor;
      const progress = Math.min(1, position / Math.max(1, position, await lastPosition(db)));
      return { live, building: building.id, progress };
    },
    stop: async () => {
      stopped = true;
      ending.abort();
      await running?.catch(() => {});
    },
  };
}

/** Positions are in the order of the feed but for what is written at the same time: near enough for people. */
async function lastPosition(db: Db): Promise<number> {
  const last = await db
    .selectFrom("journal")
    .select("position")
    .orderBy("tx", "desc")
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  return last?.position ?? 0;
}

/** Reads on a little; whether there is more to do. Of several processes that do it, each step is one's. */
async function buildOn({ database: { db }, feed, hashes, log }: RebuildParts): Promise<boolean> {
  const building = (await generations(db)).find(({ state }) => state === "building");
  if (!building) return false;
  const page = await feed.read({ org: null, after: building.cursor, limit: entriesAtOnce });
  return db.transaction().execute(async (tx) => {
    const locked = await lockGenerations(tx);
    const own = locked.find(({ id }) => id === building.id);
    if (own?.state !== "building") return false;
    // Another process has made this step.
    if (isBeyond(own.cursor, building.cursor)) return true;
    await indexEntries(tx, own, hashes, page.entries);
    await advanceGeneration(tx, own.id, page.next);
    const live = locked.find(({ state }) => state === "live");
    if (page.more || (live && isBeyond(live.cursor, page.next))) return true;
    if (live) await switchGeneration(tx, live.id, own.id);
    else await tx.updateTable("search_generation").set({ state: "live" }).where("id", "=", own.id).execute();
    log.info({ generation: own.id }, "the search index was built anew");
    return false;
  });
}

/** Removes a slice of an index that is out of use; whether there is more. */
async function removeRetired({ database: { db } }: Pick<RebuildParts, "database">): Promise<boolean> {
  const retired = (await generations(db)).find(({ state }) => state === "retired");
  if (!retired) return false;
  const slice = db
    .selectFrom("search_doc")
    .select("doc")
    .where("generation", "=", retired.id)
    .limit(rowsAtOnce);
  const { numDeletedRows } = await db.deleteFrom("search_doc").where("doc", "in", slice).executeTakeFirst();
  if (numDeletedRows === 0n) await db.deleteFrom("search_generation").where("id", "=", retired.id).execute();
  return true;
}

async function isLeftOff({ database: { db } }: Pick<RebuildParts, "database">): Promise<boolean> {
  const rows = await db
    .selectFrom("search_generation")
    .select(["state", "touched_at"])
    .where("state", "<>", "live")
    .execute();
  return rows.some(
    ({ state, touched_at }) => state === "retired" || Date.now() - touched_at.getTime() > leftOffMs,
  );
}
