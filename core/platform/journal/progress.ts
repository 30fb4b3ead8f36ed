import { sql } from "kysely";
import type { Db } from "../database/database.ts";
import type { Projector } from "./feed.ts";

/** How far readers are behind, as it was seen last. In seconds; undefined: it could not be asked. */
export interface Progress {
  lag(): Readonly<Record<string, number>>;
  /**
   * Since the oldest event that is committed and that no reader may see yet, as a transaction that began before it is
   * still under way somewhere on the server. 0: there is none.
   */
  horizonAge(): number | undefined;
  stop(): void;
}

const everyMs = 5_000;

/** Looks every few seconds: whoever reads metrics does not wait for the database. */
export function watchProgress(db: Db, projector: Pick<Projector, "lag">): Progress {
  let lag: Readonly<Record<string, number>> = {};
  let age: number | undefined;
  const look = async (): Promise<void> => {
    try {
      lag = inSeconds(await projector.lag());
      age = await horizonAge(db);
    } catch {
      lag = {};
      age = undefined;
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return { lag: () => lag, horizonAge: () => age, stop: () => clearInterval(timer) };
}

/** In seconds, see `Progress`. */
export async function horizonAge(db: Db): Promise<number> {
  const { rows } = await sql<{ age: number | null }>`
    select (
      select extract(epoch from clock_timestamp()) - at / 1000.0 from journal
      where tx >= feed_horizon() order by tx, position limit 1
    )::float8 as age`.execute(db);
  return Math.max(0, rows[0]?.age ?? 0);
}

function inSeconds(ms: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(ms).map(([name, value]) => [name, value / 1e3]));
}
