import { CompiledQuery, type Kysely } from "kysely";

/**
 * `room_listing` is an index of rooms, one row each: visits by day, clinician and patient, and queues. Like
 * `room_member` it is written in the append's own statement, from what the events say.
 *
 * `audit_entry` says who saw and did what. Entries go in unchained.
 */
const tables = [
  `create table room_listing (
    org text not null,
    kind text not null,
    id text not null,
    at bigint not null default 0,
    owner text,
    subject text,
    status text not null,
    primary key (kind, id)
  )`,
  "create index room_listing_at on room_listing (org, kind, at, id)",
  "create index room_listing_owner on room_listing (org, kind, owner, at, id)",
  "create index room_listing_subject on room_listing (org, kind, subject, at, id)",
  `create table audit_entry (
    id bigint generated always as identity primary key,
    org text not null,
    at bigint not null,
    actor text not null,
    action text not null,
    kind text,
    room text,
    subject text,
    detail jsonb not null default '{}'
  )`,
  "create index audit_entry_at on audit_entry (org, at, id)",
  "create index audit_entry_room on audit_entry (org, kind, room, at, id) where room is not null",
];

/**
 * As migration 001 made it, and with a room's listing (l), of which a room has one at most. A listing that
 * says what is there already writes nothing.
 */
const append = `
create function journal_append(
  r_kind text[], r_id text[], r_org text[], r_epoch bigint[], r_seq bigint[], r_count int[], r_due bigint[],
  e_room int[], e_seq bigint[], e_type text[], e_version int[], e_actor text[], e_amends bigint[], e_at bigint[],
  e_from int[], e_length int[], payloads bytea,
  c_room int[], c_principal text[], c_id text[], c_first bigint[], c_last bigint[], hmacs bytea,
  m_room int[], m_person text[], m_role text[],
  s_room int[], s_person text[], s_seq bigint[],
  l_room int[], l_at bigint[], l_owner text[], l_subject text[], l_status text[]
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

    if cardinality(l_room) > 0 then
      insert into room_listing as l (org, kind, id, at, owner, subject, status)
      select r_org[c.room], r_kind[c.room], r_id[c.room], c.at, c.owner, c.subject, c.status
      from unnest(l_room, l_at, l_owner, l_subject, l_status) as c(room, at, owner, subject, status)
      where ok[c.room]
      on conflict (kind, id) do update
      set at = excluded.at, owner = excluded.owner, subject = excluded.subject, status = excluded.status
      where (l.at, l.owner, l.subject, l.status)
        is distinct from (excluded.at, excluded.owner, excluded.subject, excluded.status);
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

const grants = [
  "grant select, insert, update, delete on room_listing to hugmedo_engine",
  "grant select, insert on audit_entry to hugmedo_engine",
  "grant execute on function journal_append to hugmedo_engine",
];

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [...tables, "drop function journal_append", append, ...grants];
  for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
}
