import { query } from "../support/postgres.ts";

/** The database takes whatever an owner sends, whichever epoch and seq it has. */
export async function removeFence(url: string): Promise<void> {
  const [row] = await query(url, "select pg_get_functiondef('journal_append'::regproc) as sql");
  const fence = "where o.epoch = r.epoch and o.next_seq = r.seq";
  const original = String(row?.sql);
  if (!original.includes(fence)) throw new Error("the fence is not where it was");
  await query(url, original.replace(fence, "").replace("skip locked", ""));
  await query(url, "alter table journal drop constraint journal_pkey");
}
