import { query } from "../support/postgres.ts";

/** The time of a database and of those who look at it, which the story moves on: it needs not wait for it to pass. */
export interface Time {
  /** By how much it is ahead of the machine's clock (ms). */
  ahead(): number;
  pass(minutes: number): Promise<void>;
}

/** Begins today at nine. The engine's time is the database's: whoever reads that clock reads the story's from now on. */
export async function timeOf(url: string): Promise<Time> {
  let ahead = new Date().setHours(9, 0, 0, 0) - Date.now();
  const write = () =>
    query(
      url,
      `CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
       AS $$ SELECT pg_catalog.clock_timestamp() + interval '${ahead} milliseconds' $$`,
    );
  await write();
  await query(url, `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET search_path = public, pg_catalog`);
  return {
    ahead: () => ahead,
    pass: async (minutes) => {
      ahead += minutes * 60_000;
      await write();
    },
  };
}

/** In a page: its clock goes on by so much (ms). */
export function setClock(by: number): void {
  const before = Date;
  globalThis.Date = new Proxy(before, {
    construct: (target, given) => Reflect.construct(target, given.length === 0 ? [target.now() + by] : given),
    get: (target, key) => (key === "now" ? () => target.now() + by : Reflect.get(target, key)),
  });
}
