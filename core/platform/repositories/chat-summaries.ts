import { sql } from "kysely";
import { foldMessages } from "../../domain/conversation/view.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { ChatMember, ChatSummary } from "../../protocol/rest.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { Tenants } from "../database/tenants.ts";
import type { JournalEntry } from "../journal/codec.ts";
import { type ChatListRow, listChats } from "./chat-list.ts";
import { entryColumns } from "./conversation-page.ts";
import { decodeAll, delivered, toRole } from "./conversations.ts";

type Names = (org: string, people: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export interface ChatSummaries {
  /** A person's chats, latest activity first; `after` is the last one of the page before. */
  list(query: {
    readonly org: string;
    readonly person: string;
    readonly after?: { readonly at: number; readonly id: string } | undefined;
    readonly limit: number;
  }): Promise<(ChatSummary & { readonly at: number })[]>;
  /** null: not a member, or no such chat. */
  one(by: { readonly org: string; readonly person: string }, id: string): Promise<ChatSummary | null>;
  members(org: string, id: string): Promise<ChatMember[]>;
}

/** Lists chats with a fixed number of queries, however many there are. */
export function createChatSummaries(
  tenants: Tenants,
  keys: Pick<DataKeys, "get">,
  names: Names,
): ChatSummaries {
  const summarise = async (org: string, rows: readonly ChatListRow[]) => {
    const ids = rows.map(({ id }) => id);
    const places = rows.flatMap(({ id, last }) => (last === null ? [] : [{ id, seq: last }]));
    const [keyIds, firsts, lasts, amendments, members] = await Promise.all([
      keyIdsOf(tenants, org, ids),
      entriesAt(
        tenants,
        org,
        "seq",
        ids.map((id) => ({ id, seq: 1 })),
      ),
      entriesAt(tenants, org, "seq", places),
      entriesAt(tenants, org, "amends", places),
      membersOf(tenants, org, names, ids),
    ]);
    return Promise.all(
      rows.map(async ({ id, role, at, unread }) => {
        const ref: RoomRef = { kind: "chat", id };
        const key = await keys.get(org, keyIds.get(id) ?? "");
        const [created] = decodeAll(key, ref, firsts.get(id) ?? []);
        const recent = decodeAll(key, ref, [...(lasts.get(id) ?? []), ...(amendments.get(id) ?? [])]);
        const [last] = foldMessages(new Map(), delivered(recent)).values();
        const title = created?.event.type === "chat.created" ? created.event.title : "";
        return {
          id,
          title,
          role: toRole(role),
          members: members.get(id) ?? [],
          unread,
          last: last ?? null,
          at,
        };
      }),
    );
  };

  return {
    list: async (query) => summarise(query.org, await listChats(tenants, query)),
    one: async ({ org, person }, id) => {
      const rows = await listChats(tenants, { org, person, id, limit: 1 });
      const [summary] = await summarise(org, rows);
      if (!summary) return null;
      const { at: _, ...chat } = summary;
      return chat;
    },
    members: async (org, id) => (await membersOf(tenants, org, names, [id])).get(id) ?? [],
  };
}

async function keyIdsOf(tenants: Tenants, org: string, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await tenants(org)
    .selectFrom("room_owner")
    .select(["id", "key_id"])
    .where("org", "=", org)
    .where("kind", "=", "chat")
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, key_id }) => [id, key_id]));
}

/** Entries of several chats, each by its own seq, or by the seq it amends; in order. */
async function entriesAt(
  tenants: Tenants,
  org: string,
  column: "seq" | "amends",
  places: readonly { readonly id: string; readonly seq: number }[],
): Promise<Map<string, JournalEntry[]>> {
  const ids = places.map(({ id }) => id);
  const seqs = places.map(({ seq }) => seq);
  const rows = await tenants(org)
    .selectFrom("journal")
    .select(["id", ...entryColumns])
    .where("org", "=", org)
    .where("kind", "=", "chat")
    .where(
      sql<boolean>`(id, ${sql.ref(column)}) in (select * from unnest(${ids}::text[], ${seqs}::bigint[]))`,
    )
    .orderBy("seq")
    .execute();
  return Map.groupBy(rows, ({ id }) => id);
}

async function membersOf(
  tenants: Tenants,
  org: string,
  names: Names,
  ids: readonly string[],
): Promise<Map<string, ChatMember[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tenants(org)
    .selectFrom("room_member")
    .select(["id", "person", "role"])
    .where("org", "=", org)
    .where("kind", "=", "chat")
    .where("id", "in", ids)
    .orderBy("person")
    .execute();
  const known = await names(org, [...new Set(rows.map(({ person }) => person))]);
  const members = Map.groupBy(rows, ({ id }) => id);
  return new Map(
    [...members].map(([id, people]) => [
      id,
      people.map(({ person, role }) => ({ person, name: known.get(person) ?? person, role: toRole(role) })),
    ]),
  );
}
