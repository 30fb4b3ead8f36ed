import { sql } from "kysely";
import type { RoomRef } from "../../domain/room.ts";
import type { Tenants } from "../database/tenants.ts";
import type { JournalEntry } from "../journal/codec.ts";

export interface PageQuery {
  /** Exclusive seqs. With `after` the oldest come first, else the newest. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface FoundPage {
  /** The data key that the room's text is encrypted with. */
  readonly keyId: string;
  /** In the order that was asked for. */
  readonly messages: readonly JournalEntry[];
  /** What was done with these messages since, in the order of the room. */
  readonly amendments: readonly JournalEntry[];
  readonly more: boolean;
}

export const entryColumns = ["seq", "type", "version", "actor", "amends", "at", "payload"] as const;
const message = "chat.message";

/** A page of messages, what amended them, and the room's key: in one statement, so all of one moment. null: there are none. */
export async function findPage(
  tenants: Tenants,
  org: string,
  { kind, id }: RoomRef,
  { after, before, limit }: PageQuery,
): Promise<FoundPage | null> {
  const rows = await tenants(org)
    .with("page", (db) => {
      const page = db
        .selectFrom("journal")
        .select(entryColumns)
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("type", "=", message)
        .orderBy("seq", after === undefined ? "desc" : "asc")
        .limit(limit + 1);
      const from = after === undefined ? page : page.where("seq", ">", after);
      return before === undefined ? from : from.where("seq", "<", before);
    })
    .with("entry", (db) =>
      db
        .selectFrom("page")
        .select(entryColumns)
        .unionAll(
          db
            .selectFrom("journal as later")
            .select([
              ...(["later.seq", "later.type", "later.version", "later.actor"] as const),
              ...(["later.amends", "later.at", "later.payload"] as const),
            ])
            .where("later.org", "=", org)
            .where("later.kind", "=", kind)
            .where("later.id", "=", id)
            // Not joined: whatever the planner believes of the tables, what amended the room is gone through once at most.
            .where(sql<boolean>`later.amends = any(array(select seq from page))`),
        ),
    )
    .selectFrom("entry")
    .select(entryColumns)
    .select((db) =>
      db
        .selectFrom("room_owner")
        .select("key_id")
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .as("keyId"),
    )
    .execute();
  const keyId = rows[0]?.keyId ?? null;
  if (keyId === null) return null;
  const backwards = after === undefined ? -1 : 1;
  const found = rows.filter(({ type }) => type === message).sort((a, b) => backwards * (a.seq - b.seq));
  const messages = found.slice(0, limit);
  const shown = new Set(messages.map(({ seq }) => seq));
  const amendments = rows
    .filter(({ amends }) => amends !== null && shown.has(amends))
    .sort((a, b) => a.seq - b.seq);
  return { keyId, messages, amendments, more: found.length > limit };
}
