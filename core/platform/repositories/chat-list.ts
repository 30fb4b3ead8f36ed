import { sql } from "kysely";
import type { Tenants } from "../database/tenants.ts";

/** One of a person's chats, with the seqs from which the rest is read. */
export interface ChatListRow {
  readonly id: string;
  readonly role: string;
  /** Of its last message, or of its making. */
  readonly at: number;
  /** Seq of the last message; null: none yet. */
  readonly last: number | null;
  /** Messages of others beyond the person's cursor, counted up to 99. */
  readonly unread: number;
}

/** A person's chats, latest activity first. `after` is the last row of the page before. */
export async function listChats(
  tenants: Tenants,
  query: {
    org: string;
    person: string;
    /** Only this one. */
    id?: string;
    after?: { at: number; id: string } | undefined;
    limit: number;
  },
): Promise<ChatListRow[]> {
  const { org, person, id, after, limit } = query;
  const only = id === undefined ? sql`` : sql`and m.id = ${id}`;
  const beyond = after ? sql`where (at, id) < (${after.at}, ${after.id})` : sql``;
  const { rows } = await sql<ChatListRow>`
    select * from (
      select m.id, m.role, coalesce(last.at, first.at) as at, last.seq as last, unread.count::int as unread
      from room_member m
      join journal first
        on first.org = m.org and first.kind = m.kind and first.id = m.id and first.seq = 1
      left join lateral (
        select j.seq, j.at from journal j
        where j.org = m.org and j.kind = m.kind and j.id = m.id and j.type = 'chat.message' order by j.seq desc limit 1
      ) last on true
      left join lateral (
        select count(*) from (
          select from journal j
          where j.org = m.org and j.kind = m.kind and j.id = m.id and j.seq > m.cursor
            and j.type = 'chat.message' and j.actor <> m.person
          limit 99
        ) unseen
      ) unread on true
      where m.person = ${person} and m.kind = 'chat' and m.org = ${org} ${only}
    ) mine
    ${beyond}
    order by at desc, id desc limit ${limit}`.execute(tenants(org));
  return rows;
}
