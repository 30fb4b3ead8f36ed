import { CompiledQuery, type Kysely } from "kysely";
import { tenantTable } from "./tenancy.ts";

const tables = [
  `create table search_generation (
    id int primary key,
    state text not null check (state in ('live', 'building', 'retired')),
    key_name text not null,
    tx xid8 not null default '0',
    position bigint not null default 0,
    started_at timestamptz not null default now(),
    touched_at timestamptz not null default now()
  )`,
  "create unique index search_generation_state on search_generation (state) where state <> 'retired'",
  `create table search_doc (
    doc bigint generated always as identity primary key,
    generation int not null,
    org text not null,
    kind text not null,
    room_kind text not null,
    room text not null,
    seq bigint not null,
    author text not null,
    subject text,
    at bigint not null,
    sources bigint[] not null,
    grams int[] not null,
    unique (generation, room_kind, room, kind, seq)
  )`,
  "create index search_doc_grams on search_doc using gin (grams)",
  "create index search_doc_at on search_doc (generation, org, at, doc)",
  "create index search_doc_subject on search_doc (org, subject) where subject is not null",
  // The planner has to know which pieces of text are frequent.
  "alter table search_doc alter column grams set statistics 1000",
];

/** Of a row of the index that is looked at. */
const within = `
  d.generation = in_generation and d.org = current_setting('hugmedo.org', true)
  and (in_room is null or (d.room_kind = in_room_kind and d.room = in_room))
  and (by is null or d.author = by)
  and d.at >= since and d.at < until`;
const columns = "d.doc, d.kind, d.room_kind, d.room, d.seq, d.author, d.subject, d.at, d.sources";
const visible = `
  ((d.kind = any (kinds) and d.room_kind || ':' || d.room = any (rooms)) or d.kind = any (open))`;

/**
 * Texts that have all of the hashes and that the person may see, newest first: in rooms where they are let in, and of
 * `open` kinds in the whole organisation. Which way is gone is not left to the planner, which takes pieces of one word for independent:
 * in few rooms each text is looked at, so what others write costs nothing there; in many, the organisation's newest texts
 * are looked at, in which frequent words are, and then the index of the hashes is asked for older ones.
 *
 * Row-level security would keep the index of the hashes from being used (comparing arrays is not leakproof), so this passes it,
 * and asks for the organisation of the connection itself.
 *
 * Source: https://www.postgresql.org/docs/current/rules-privileges.html
 */
const candidates = `
create function search_candidates(
  in_generation int, reader text, wanted int[], kinds text[], open text[],
  in_room_kind text, in_room text, by text, since bigint, until bigint, top_at bigint, top_doc bigint, most int
) returns table (
  doc bigint, kind text, room_kind text, room text, seq bigint, author text, subject text, at bigint, sources bigint[]
)
language plpgsql stable security definer
set search_path from current set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
  few constant int := 64;
  newest constant int := 2000;
  rooms text[];
  last_at bigint;
  last_doc bigint;
  found_already int;
begin
  select coalesce(array_agg(m.kind || ':' || m.id), '{}') into rooms
  from room_member m
  where m.person = reader and m.role <> 'door' and m.org = current_setting('hugmedo.org', true)
    and (in_room is null or (m.kind = in_room_kind and m.id = in_room));

  if cardinality(rooms) <= few then
    return query
    select * from (
      select d.* from unnest(rooms) r cross join lateral (
        select ${columns} from search_doc d
        where d.room_kind = split_part(r, ':', 1) and d.room = split_part(r, ':', 2) and d.kind = any (kinds)
          -- Not in the words of the index, so that it is not asked once for each room.
          and (d.grams || '{}'::int[]) @> wanted
          and ${within} and (d.at, d.doc) <= (top_at, top_doc)
      ) d
      union all
      select ${columns} from search_doc d
      where cardinality(open) > 0 and d.kind = any (open) and d.grams @> wanted
        and ${within} and (d.at, d.doc) <= (top_at, top_doc)
    ) d
    order by at desc, doc desc limit most;
    return;
  end if;

  return query
  select ${columns} from (
    select * from search_doc d where ${within} and (d.at, d.doc) <= (top_at, top_doc)
    order by at desc, doc desc limit newest
  ) d
  where (d.grams || '{}'::int[]) @> wanted and ${visible}
  order by at desc, doc desc limit most;
  get diagnostics found_already = row_count;
  if found_already >= most then
    return;
  end if;

  select d.at, d.doc into last_at, last_doc from search_doc d
  where ${within} and (d.at, d.doc) <= (top_at, top_doc)
  order by at desc, doc desc offset newest - 1 limit 1;
  if last_at is null then
    return;
  end if;
  return query
  with known as materialized (
    select ${columns} from search_doc d
    where d.grams @> wanted and ${within} and (d.at, d.doc) < (last_at, last_doc)
  )
  select ${columns} from known d where ${visible}
  order by at desc, doc desc limit most - found_already;
end
$$`;

const grants = [
  ...tenantTable("search_doc", ["select"]),
  "revoke execute on function search_candidates from public",
  "grant execute on function search_candidates to hugmedo_tenant",
  "grant select, insert, update, delete on search_generation, search_doc to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of [...tables, candidates, ...grants]) {
    await db.executeQuery(CompiledQuery.raw(statement));
  }
}
