import type { Line } from "../../checker/history.ts";
import { query } from "../../support/postgres.ts";

/** Writes down every claim of a room in the database itself, beside the product's tables, and who the processes are. */
export async function watchClaims(databaseUrl: string): Promise<void> {
  await query(
    databaseUrl,
    `create schema watch;
    create table watch.claim (
      n bigserial primary key, at timestamptz not null default clock_timestamp(),
      kind text, id text, epoch bigint, next_seq bigint, process text, before text
    );
    create table watch.process (id text primary key, address text);
    create function watch.note_claim() returns trigger language plpgsql security definer as $$ begin
      insert into watch.claim (kind, id, epoch, next_seq, process, before)
      values (new.kind, new.id, new.epoch, new.next_seq, new.process, old.process);
      return null;
    end $$;
    create function watch.note_process() returns trigger language plpgsql security definer as $$ begin
      insert into watch.process values (new.id, new.address) on conflict do nothing;
      return null;
    end $$;
    create trigger note_claim after update on room_owner for each row
      when (new.epoch <> old.epoch) execute function watch.note_claim();
    create trigger note_process after insert on process for each row execute function watch.note_process();`,
  );
}

/** Every claim, in order. */
export async function readClaims(databaseUrl: string): Promise<Line[]> {
  const rows = await query(
    databaseUrl,
    `select kind, c.id, epoch::text, next_seq::text, extract(epoch from at) * 1000 as at,
       coalesce(process, '') as process, coalesce(p.address, process, '') as address,
       coalesce(before, '') as before, coalesce(b.address, before, '') as address_before
     from watch.claim c
     left join watch.process p on p.id = process left join watch.process b on b.id = before
     order by n`,
  );
  return rows.map((row) => ({
    op: "claim",
    room: `${row.kind}:${row.id}`,
    t: Number(row.at),
    epoch: Number(row.epoch),
    nextSeq: Number(row.next_seq),
    process: String(row.process),
    address: String(row.address),
    before: String(row.before),
    addressBefore: String(row.address_before),
  }));
}
