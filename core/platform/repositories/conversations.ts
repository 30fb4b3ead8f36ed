import {
  type ChatEvent,
  type DeliveredEvent,
  deliveredTypes,
  isChatEvent,
  isDelivered,
} from "../../domain/conversation/events.ts";
import { type MemberRole, type MessageFacts, memberRoles } from "../../domain/conversation/state.ts";
import { foldMessages, type MessageView } from "../../domain/conversation/view.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Recorded } from "../../domain/feature.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { ResumeReply } from "../../protocol/events.ts";
import type { DataKey, DataKeys } from "../crypto/data-keys.ts";
import type { Db } from "../database/database.ts";
import { decodeEvent, type JournalEntry } from "../journal/codec.ts";
import { resumed } from "./resumed-events.ts";

export interface PageQuery {
  /** Exclusive seqs. With `after` the oldest come first, else the newest. */
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Reads conversations from the journal, as they are now. Whether the reader may is the caller's to check. */
export interface Conversations {
  /** null: not a member, or no such room. */
  membership(ref: RoomRef, person: string): Promise<MemberRole | null>;
  page(ref: RoomRef, query: PageQuery): Promise<{ readonly items: MessageView[]; readonly more: boolean }>;
  /** What was delivered after a seq, without texts that were deleted or replaced; what does not fit is `more`. */
  resume(ref: RoomRef, after: number, limit: number): Promise<ResumeReply>;
  facts(ref: RoomRef, seq: number): Promise<MessageFacts | null>;
  /** Every text that a message had, oldest first; empty when there is no such message. */
  versions(ref: RoomRef, seq: number): Promise<{ seq: number; at: number; body: string }[]>;
}

/** An answer has to fit in a frame of 1 MiB, however long the texts are. */
const resumedBytes = 768 * 1024;

export const entryColumns = ["seq", "type", "version", "actor", "amends", "at", "payload"] as const;

export function createConversations(db: Db, keys: DataKeys): Conversations {
  const entries = ({ kind, id }: RoomRef) =>
    db.selectFrom("journal").select(entryColumns).where("kind", "=", kind).where("id", "=", id);

  const keyOf = async ({ kind, id }: RoomRef): Promise<DataKey> => {
    const owner = await db
      .selectFrom("room_owner")
      .select("key_id")
      .where("kind", "=", kind)
      .where("id", "=", id)
      .executeTakeFirst();
    if (!owner) throw new DomainError("room_not_found");
    return keys.get(owner.key_id);
  };

  const amendments = (ref: RoomRef, seqs: readonly number[]): Promise<JournalEntry[]> =>
    seqs.length === 0
      ? Promise.resolve([])
      : entries(ref).where("amends", "in", seqs).orderBy("seq").execute();

  return {
    membership: async ({ kind, id }, person) => {
      const row = await db
        .selectFrom("room_member")
        .select("role")
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("person", "=", person)
        .executeTakeFirst();
      return row ? toRole(row.role) : null;
    },
    page: async (ref, { after, before, limit }) => {
      const key = await keyOf(ref);
      let query = entries(ref)
        .where("type", "=", "chat.message")
        .limit(limit + 1);
      if (after !== undefined) query = query.where("seq", ">", after);
      if (before !== undefined) query = query.where("seq", "<", before);
      const found = await query.orderBy("seq", after === undefined ? "desc" : "asc").execute();
      const shown = found.slice(0, limit);
      const later = await amendments(
        ref,
        shown.map(({ seq }) => seq),
      );
      const views = foldMessages(new Map(), delivered(decodeAll(key, ref, [...shown, ...later])));
      return { items: [...views.values()], more: found.length > limit };
    },
    resume: async (ref, after, limit) => {
      const key = await keyOf(ref);
      const known = await entries(ref)
        .where("type", "in", deliveredTypes)
        .where("seq", "<=", after)
        .orderBy("seq", "desc")
        .limit(1)
        .executeTakeFirst();
      const found = await entries(ref)
        .where("type", "in", deliveredTypes)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit + 1)
        .execute();
      const shown = found.slice(0, Math.min(limit, countWithin(found, resumedBytes)));
      const texts = shown.flatMap(({ type, seq, amends }) =>
        type === "chat.message" ? [seq] : type === "chat.edited" && amends !== null ? [amends] : [],
      );
      const later = await amendments(ref, texts);
      const events = resumed(delivered(decodeAll(key, ref, shown)), later, known?.seq ?? 0);
      const lastSeq = events.at(-1)?.seq ?? known?.seq ?? 0;
      return { events, lastSeq, more: found.length > shown.length };
    },
    facts: async (ref, seq) => {
      const message = await entries(ref)
        .where("seq", "=", seq)
        .where("type", "=", "chat.message")
        .executeTakeFirst();
      if (!message) return null;
      const deletion = await entries(ref)
        .where("amends", "=", seq)
        .where("type", "=", "chat.deleted")
        .limit(1)
        .executeTakeFirst();
      return { seq, author: message.actor, deleted: deletion !== undefined };
    },
    versions: async (ref, seq) => {
      const key = await keyOf(ref);
      const texts = await entries(ref)
        .where((where) => where.or([where("seq", "=", seq), where("amends", "=", seq)]))
        .where("type", "in", ["chat.message", "chat.edited"])
        .orderBy("seq")
        .execute();
      return decodeAll(key, ref, texts).flatMap(({ seq: at, at: time, event }) =>
        event.type === "chat.message" || event.type === "chat.edited"
          ? [{ seq: at, at: time, body: event.body }]
          : [],
      );
    },
  };
}

/** How many of the first entries have so many bytes together; one at least. */
function countWithin(entries: readonly JournalEntry[], bytes: number): number {
  let sum = 0;
  const beyond = entries.findIndex(({ payload }) => {
    sum += payload.length;
    return sum > bytes;
  });
  return beyond < 0 ? entries.length : Math.max(1, beyond);
}

export function decodeAll(
  key: DataKey,
  ref: RoomRef,
  entries: readonly JournalEntry[],
): Recorded<ChatEvent>[] {
  return entries.flatMap((entry) => {
    const recorded = decodeEvent(key, ref, entry);
    const { event } = recorded;
    return isChatEvent(event) ? [{ ...recorded, event }] : [];
  });
}

export function delivered(events: readonly Recorded<ChatEvent>[]): Recorded<DeliveredEvent>[] {
  return events.flatMap(({ event, ...place }) => (isDelivered(event) ? [{ ...place, event }] : []));
}

export function toRole(role: string): MemberRole {
  return memberRoles.find((known) => known === role) ?? "observer";
}
