import { sql } from "kysely";
import type { Db } from "./database/database.ts";

/** Milliseconds since the epoch, by the database's clock. */
export interface Clock {
  now(): number;
}

/**
 * The database's clock as of the last sync, carried on by this process's monotonic timer, so neither a
 * wrong nor a jumping clock of this machine is ever asked.
 */
export async function startClock(db: Db, syncEveryMs = 30_000): Promise<Clock & { stop(): void }> {
  let base = 0;
  let taken = performance.now();
  const sync = async (): Promise<void> => {
    const asked = performance.now();
    const { rows } = await sql<{
      now: string;
    }>`select extract(epoch from clock_timestamp()) * 1000 as now`.execute(db);
    const answered = performance.now();
    base = Number(rows[0]?.now);
    taken = (asked + answered) / 2;
  };
  await sync();
  // A failed sync changes nothing: the timer carries on.
  const timer = setInterval(() => void sync().catch(() => {}), syncEveryMs);
  timer.unref();
  return { now: () => Math.round(base + performance.now() - taken), stop: () => clearInterval(timer) };
}
