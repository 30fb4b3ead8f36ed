import { sql } from "kysely";
import { foldMessages } from "../../domain/conversation/view.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { ChatMember, ChatSummary } from "../../protocol/rest.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { Db } from "../database/database.ts";
import type { JournalEntry } from "../journal/codec.ts";
import { type ChatListRow, listChats } from "./chat-list.ts";
import { decodeAll, delivered, entryColumns, toRole } from "./conversations.ts";

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
  members(id: string): Promise<ChatMember[]>;
}

/** Lists chats with a fixed number of queries, however many there are. */
export function createChatSummaries(db: Db, keys: DataKeys, names: Names): ChatSummaries {
  const summarise = async (rows: readonly ChatListRow[]) => {
    const ids = rows.map(({ id }) => id);
    const places = rows.flatMap(({ id, last }) => (last === null ? [] : [{ id, seq: last }]));
    const [keyIds, firsts, lasts, amendments, members] = await Promise.all([
      keyIdsOf(db, ids),
      entriesAt(
        db,
        "seq",
        ids.map((id) => ({ id, seq: 1 })),
      ),
      entriesAt(db, "seq", places),
      entriesAt(db, "amends", places),
      membersOf(db, names, ids),
    ]);
    return Promise.all(
      rows.map(async ({ id, role, at, unread }) => {
        const ref: RoomRef = { kind: "chat", id };
        const key = await keys.get(keyIds.get(id) ?? "");
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
    list: async (query) => summarise(await listChats(db, query)),
    one: async ({ org, person }, id) => {
      const rows = await listChats(db, { org, person, id, limit: 1 });
      const [summary] = await summarise(rows);
      if (!summary) return null;
      const { at: _, ...chat } = summary;
      return chat;
    },
    members: async (id) => (await membersOf(db, names, [id])).get(id) ?? [],
  };
}

async function keyIdsOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("room_owner")
    .select(["id", "key_id"])
    .where("kind", "=", "chat")
    .where("id", "in", ids)
    .execute();
  return new Map(rows.map(({ id, key_id }) => [id, key_id]));
}

/** Entries of several chats, each by its own seq, or by the seq it amends; in order. */
async function entriesAt(
  db: Db,
  column: "seq" | "amends",
  places: readonly { readonly id: string; readonly seq: number }[],
): Promise<Map<string, JournalEntry[]>> {
  const ids = places.map(({ id }) => id);
  const seqs = places.map(({ seq }) => seq);
  const rows = await db
    .selectFrom("journal")
    .select(["id", ...entryColumns])
    .where("kind", "=", "chat")
    .where(
      sql<boolean>`(id, ${sql.ref(column)}) in (select * from unnest(${ids}::text[], ${seqs}::bigint[]))`,
    )
    .orderBy("seq")
    .execute();
  return Map.groupBy(rows, ({ id }) => id);
}

async function membersOf(db: Db, names: Names, ids: readonly string[]): Promise<Map<string, ChatMember[]>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("room_member")
    .select(["id", "org", "person", "role"])
    .where("kind", "=", "chat")
    .where("id", "in", ids)
    .orderBy("person")
    .execute();
  const [org = ""] = rows.map((row) => row.org);
  const known = await names(org, [...new Set(rows.map(({ person }) => person))]);
  const members = Map.groupBy(rows, ({ id }) => id);
  return new Map(
    [...members].map(([id, people]) => [
      id,
      people.map(({ person, role }) => ({ person, name: known.get(person) ?? person, role: toRole(role) })),
    ]),
  );
}
