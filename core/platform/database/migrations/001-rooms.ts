import { CompiledQuery, type Kysely } from "kysely";

const tables = `
create table room_owner (
  kind text not null,
  id text not null,
  org text not null,
  key_id text not null,
  epoch bigint not null default 0,
  next_seq bigint not null default 1,
  process text,
  incarnation text,
  created_at timestamptz not null default now(),
  primary key (kind, id)
) with (fillfactor = 70);

create table journal (
  org text not null,
  kind text not null,
  id text not null,
  seq bigint not null,
  epoch bigint not null,
  tx xid8 not null default pg_current_xact_id(),
  position bigint generated always as identity,
  type text not null,
  version smallint not null,
  actor text not null,
  amends bigint,
  at bigint not null,
  payload bytea not null,
  primary key (kind, id, seq)
);
create index journal_feed on journal (tx, position);
create index journal_amends on journal (kind, id, amends) where amends is not null;

create table command (
  kind text not null,
  id text not null,
  principal text not null,
  command_id text not null,
  body_hmac bytea not null,
  first_seq bigint not null,
  last_seq bigint not null,
  primary key (kind, id, principal, command_id)
);

create table snapshot (
  kind text not null,
  id text not null,
  seq bigint not null,
  version smallint not null,
  payload bytea not null,
  primary key (kind, id)
);

create table room_due (
  kind text not null,
  id text not null,
  at bigint not null,
  primary key (kind, id)
);
create index room_due_at on room_due (at);

create table room_member (
  org text not null,
  kind text not null,
  id text not null,
  person text not null,
  role text not null,
  cursor bigint not null default 0,
  primary key (kind, id, person)
);
create index room_member_person on room_member (person, kind, id);

create table data_key (
  id text primary key,
  org text not null,
  scope text not null,
  subject text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now(),
  unique (org, scope, subject)
)`;

/**
 * One statement of ours appends the parts of many rooms: it locks their owners' rows in order, keeps the
 * parts whose epoch and next seq still hold and whose commands are new, and writes each of those whole.
 * Rows that another claim holds at this moment are passed over and reported as `locked`.
 *
 * Events, commands and members name their room by its place (from 1) in the first arrays. A due time is
 * null to leave it, 0 to clear it. Members (m) and read cursors (s) name a person once in a room; a
 * member's role is null to remove it.
 *
 * The plans are cached while the tables are still empty, so the planner is told to go by index always.
 */
const append = `
create function journal_append(
  r_kind text[], r_id text[], r_org text[], r_epoch bigint[], r_seq bigint[], r_count int[], r_due bigint[],
  e_room int[], e_seq bigint[], e_type text[], e_version int[], e_actor text[], e_amends bigint[], e_at bigint[],
  e_from int[], e_length int[], payloads bytea,
  c_room int[], c_principal text[], c_id text[], c_first bigint[], c_last bigint[], hmacs bytea,
  m_room int[], m_person text[], m_role text[],
  s_room int[], s_person text[], s_seq bigint[]
) returns table (room int, outcome text)
language plpgsql set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  n int;
  held int := 0;
  -- Whether a room's part may be written.
  ok boolean[] := array_fill(false, array[cardinality(r_kind)]);
  repeated boolean[] := ok;
begin
  for n in
    select r.n
    from unnest(r_kind, r_id, r_epoch, r_seq) with ordinality as r(kind, id, epoch, seq, n)
    join room_owner o on o.kind = r.kind and o.id = r.id
    where o.epoch = r.epoch and o.next_seq = r.seq
    order by o.kind, o.id
    for no key update of o skip locked
  loop
    ok[n] := true;
    held := held + 1;
  end loop;

  for n in
    select c.room from unnest(c_room, c_principal, c_id) as c(room, principal, command_id)
    where (
      select true from command k
      where k.kind = r_kind[c.room] and k.id = r_id[c.room]
        and k.principal = c.principal and k.command_id = c.command_id
    )
  loop
    if ok[n] then
      held := held - 1;
    end if;
    ok[n] := false;
    repeated[n] := true;
  end loop;

  if held > 0 then
    insert into journal (org, kind, id, seq, epoch, type, version, actor, amends, at, payload)
    select r_org[e.room], r_kind[e.room], r_id[e.room], e.seq, r_epoch[e.room], e.type, e.version, e.actor,
           e.amends, e.at, substring(payloads from e.start for e.length)
    from unnest(e_room, e_seq, e_type, e_version, e_actor, e_amends, e_at, e_from, e_length)
      as e(room, seq, type, version, actor, amends, at, start, length)
    where ok[e.room];

    insert into command (kind, id, principal, command_id, body_hmac, first_seq, last_seq)
    select r_kind[c.room], r_id[c.room], c.principal, c.command_id,
           substring(hmacs from (c.n::int - 1) * 16 + 1 for 16), c.first_seq, c.last_seq
    from unnest(c_room, c_principal, c_id, c_first, c_last) with ordinality
      as c(room, principal, command_id, first_seq, last_seq, n)
    where ok[c.room];

    update room_owner o set next_seq = r.seq + r.count
    from unnest(r_kind, r_id, r_seq, r_count) with ordinality as r(kind, id, seq, count, n)
    where ok[r.n] and o.kind = r.kind and o.id = r.id;

    if array_remove(r_due, null) <> '{}' then
      delete from room_due d using unnest(r_kind, r_id, r_due) with ordinality as r(kind, id, due, n)
      where ok[r.n] and r.due = 0 and d.kind = r.kind and d.id = r.id;
      insert into room_due (kind, id, at)
      select r.kind, r.id, r.due from unnest(r_kind, r_id, r_due) with ordinality as r(kind, id, due, n)
      where ok[r.n] and r.due > 0
      on conflict (kind, id) do update set at = excluded.at;
    end if;

    if cardinality(m_room) > 0 then
      delete from room_member m using unnest(m_room, m_person, m_role) as c(room, person, role)
      where ok[c.room] and c.role is null
        and m.kind = r_kind[c.room] and m.id = r_id[c.room] and m.person = c.person;
      insert into room_member (org, kind, id, person, role)
      select r_org[c.room], r_kind[c.room], r_id[c.room], c.person, c.role
      from unnest(m_room, m_person, m_role) as c(room, person, role)
      where ok[c.room] and c.role is not null
      on conflict (kind, id, person) do update set role = excluded.role;
    end if;

    if cardinality(s_room) > 0 then
      update room_member m set cursor = c.seq
      from unnest(s_room, s_person, s_seq) as c(room, person, seq)
      where ok[c.room] and m.kind = r_kind[c.room] and m.id = r_id[c.room] and m.person = c.person;
    end if;
  end if;

  for i in 1 .. cardinality(r_kind) loop
    room := i;
    outcome := case
      when ok[room] then 'appended'
      when repeated[room] then 'repeated'
      when exists (
        select from room_owner o
        where o.kind = r_kind[room] and o.id = r_id[room] and o.epoch = r_epoch[room] and o.next_seq = r_seq[room]
      ) then 'locked'
      else 'stale'
    end;
    return next;
  end loop;
end
$$`;

/** The engine writes facts once: it may add to journal and command and read them, and nothing else. */
const grants = `
grant select, insert on journal, command to hugmedo_engine;
grant select, insert, update, delete on room_owner, snapshot, room_due, room_member, data_key to hugmedo_engine;
grant execute on function journal_append to hugmedo_engine`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [...tables.split(";\n"), append, ...grants.split(";\n")];
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
