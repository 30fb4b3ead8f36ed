import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import type { Database, Db } from "../database/database.ts";
import type { Logger } from "../logger.ts";
import type { EventBus } from "./bus.ts";
import { type Feed, type FeedCursor, feedStart, type Projection, type Projector } from "./feed.ts";
import { createSleeper } from "./sleeper.ts";

export interface ProjectorParts {
  readonly database: Pick<Database, "db" | "kind">;
  readonly feed: Feed;
  readonly projections: readonly Projection[];
  /** This process's id in the cluster. */
  readonly process: string;
  /** Says when to look. */
  readonly bus: Pick<EventBus, "watch">;
  readonly log: Logger;
  readonly times?: Partial<ProjectorTimes>;
}

/** In ms. */
export interface ProjectorTimes {
  /** For how long a process has a projection to itself without saying anything. */
  readonly lease: number;
  /** The first pause after a failure, and the longest. */
  readonly firstPause: number;
  readonly longestPause: number;
}

const usualTimes: ProjectorTimes = {
  lease: 6_000,
  firstPause: 500,
  longestPause: 30_000,
};
/** The embedded database serves the rooms over the same connection: what is read there is read in short slices. */
const slices = { embedded: 50, postgres: 500 } as const;

/** Starts keeping the projections up to date; `stop` ends it, once what is under way is done. */
export function startProjector(parts: ProjectorParts): Projector {
  const { database, projections, bus } = parts;
  const times = { ...usualTimes, ...parts.times };
  const workers = projections.map((projection) => startWorker(projection, parts, times));
  const wake = (): void => {
    for (const worker of workers) worker.wake();
  };
  const unwatch = bus.watch(null, wake);

  return {
    wake,
    rebuild: async (name, clear) => {
      await database.db.transaction().execute(async (tx) => {
        await tx
          .insertInto("projection")
          .values({ name, ...feedStart })
          .onConflict((conflict) => conflict.column("name").doUpdateSet(feedStart))
          .execute();
        await clear(tx);
      });
      wake();
    },
    lag: () => lagOf(database.db, projections),
    failing: () => Object.fromEntries(workers.map(({ name, failures }) => [name, failures()])),
    stop: async () => {
      unwatch();
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

interface Worker {
  readonly name: string;
  failures(): number;
  wake(): void;
  stop(): Promise<void>;
}

function startWorker(
  projection: Projection,
  { database: { db, kind }, feed, process, log }: ProjectorParts,
  times: ProjectorTimes,
): Worker {
  const { name } = projection;
  const sleeper = createSleeper();
  let stopped = false;
  let failures = 0;
  /** Where it stands while this process has it; null: it does not, as far as it knows. */
  let cursor: FeedCursor | null = null;
  let renewedAt = 0;

  /** Whether this process has the projection. That others keep off is a courtesy: what counts is `advance`. */
  const held = async (): Promise<FeedCursor | null> => {
    if (cursor && performance.now() - renewedAt < times.lease / 3) return cursor;
    renewedAt = performance.now();
    // In the embedded database there is nobody else.
    cursor = await lease(db, name, process, kind === "embedded" ? 0 : times.lease);
    return cursor;
  };

  /** Whether there is more. */
  const advance = async (from: FeedCursor): Promise<boolean> => {
    const { entries, next, more } = await feed.read({ org: null, after: from, limit: slices[kind] });
    if (next === from) return false;
    const moved = await db.transaction().execute(async (tx) => {
      if (!(await moveCursor(tx, name, from, next))) return false;
      await projection.apply(tx, entries);
      return true;
    });
    cursor = moved ? next : null;
    return more || !moved;
  };

  /** One look at the journal, and how long to pause then; null: not at all. */
  const look = async (): Promise<{ readonly ms: number; readonly deaf: boolean } | null> => {
    try {
      const from = await held();
      const more = from !== null && (await advance(from));
      failures = 0;
      // What wakes one that has nothing to do would only make it ask who has it.
      return more ? null : { ms: times.lease / 3, deaf: from === null };
    } catch (error) {
      cursor = null;
      failures += 1;
      log.warn({ err: error, projection: name, failures }, "a reader of the journal failed; trying again");
      return { ms: backOff(failures, times), deaf: true };
    }
  };

  const run = async (): Promise<void> => {
    while (!stopped) {
      const rest = await look();
      // Rooms come first.
      if (rest === null) await nextTurn();
      else await sleeper.sleep(rest.ms, rest);
    }
  };

  const running = run();
  return {
    name,
    failures: () => failures,
    wake: sleeper.wake,
    stop: async () => {
      stopped = true;
      sleeper.end();
      await running;
      if (cursor) await release(db, name, process).catch(() => {});
    },
  };
}

/** With full jitter: any time up to a limit that doubles. */
function backOff(failures: number, { firstPause, longestPause }: ProjectorTimes): number {
  return Math.random() * Math.min(longestPause, firstPause * 2 ** Math.min(failures, 16));
}

/** Takes or renews the projection for a process; null: another has it. */
async function lease(db: Db, name: string, process: string, ms: number): Promise<FeedCursor | null> {
  const { rows } = await sql<FeedCursor>`
    insert into projection as p (name, process, leased_until)
    values (${name}, ${process}, clock_timestamp() + ${ms} * interval '1 ms')
    on conflict (name) do update set process = excluded.process, leased_until = excluded.leased_until
    where p.process is null or p.process = excluded.process or p.leased_until < clock_timestamp() or ${ms} = 0
    returning tx::text as tx, position`.execute(db);
  return rows[0] ?? null;
}

async function release(db: Db, name: string, process: string): Promise<void> {
  await db
    .updateTable("projection")
    .set({ process: null, leased_until: null })
    .where("name", "=", name)
    .where("process", "=", process)
    .execute();
}

/** false: it stands elsewhere by now, as another process moved it, or somebody set it back. */
async function moveCursor(tx: Db, name: string, from: FeedCursor, to: FeedCursor): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable("projection")
    .set({ ...to })
    .where("name", "=", name)
    .where("tx", "=", from.tx)
    .where("position", "=", from.position)
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

async function lagOf(db: Db, projections: readonly Projection[]): Promise<Readonly<Record<string, number>>> {
  const { rows } = await sql<{ name: string; ms: number | null }>`
    select p.name, (
      select extract(epoch from clock_timestamp()) * 1000 - j.at from journal j
      where (j.tx, j.position) > (p.tx, p.position) order by j.tx, j.position limit 1
    )::float8 as ms from projection p`.execute(db);
  const known = new Map(rows.map(({ name, ms }) => [name, Math.max(0, ms ?? 0)]));
  return Object.fromEntries(projections.map(({ name }) => [name, known.get(name) ?? 0]));
}
