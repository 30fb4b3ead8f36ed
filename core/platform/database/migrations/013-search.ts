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

/**
 * Texts that have all of the hashes and that the person may see, newest first: in rooms where they are let in, and of
 * `open` kinds in the whole organisation.
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
begin
  return query
  select * from (
    (
      select d.doc, d.kind, d.room_kind, d.room, d.seq, d.author, d.subject, d.at, d.sources
      from room_member m join search_doc d on d.room_kind = m.kind and d.room = m.id
      where m.person = reader and m.role <> 'door' and m.org = current_setting('hugmedo.org', true)
        and d.generation = in_generation and d.org = current_setting('hugmedo.org', true)
        and d.grams @> wanted and d.kind = any (kinds)
        and (in_room is null or (d.room_kind = in_room_kind and d.room = in_room))
        and (by is null or d.author = by)
        and d.at >= since and d.at < until and (d.at, d.doc) <= (top_at, top_doc)
      order by d.at desc, d.doc desc limit most
    )
    union all
    (
      select d.doc, d.kind, d.room_kind, d.room, d.seq, d.author, d.subject, d.at, d.sources
      from search_doc d
      where cardinality(open) > 0
        and d.generation = in_generation and d.org = current_setting('hugmedo.org', true)
        and d.grams @> wanted and d.kind = any (open)
        and (in_room is null or (d.room_kind = in_room_kind and d.room = in_room))
        and (by is null or d.author = by)
        and d.at >= since and d.at < until and (d.at, d.doc) <= (top_at, top_doc)
      order by d.at desc, d.doc desc limit most
    )
  ) both_kinds
  order by at desc, doc desc limit most;
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
