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
import type { Tenants } from "../database/tenants.ts";
import { decodeEvent, isErased, type JournalEntry } from "../journal/codec.ts";
import { entryColumns, findPage, type PageQuery } from "./conversation-page.ts";
import { resumed } from "./resumed-events.ts";
import { createTenantRooms } from "./tenant-rooms.ts";

/**
 * Reads conversations of an organisation from the journal, as they are now. Whether the reader may is the caller's to check.
 * Throws `room_not_found`, also for rooms of others.
 */
export interface Conversations {
  page(
    org: string,
    ref: RoomRef,
    query: PageQuery,
  ): Promise<{ readonly items: MessageView[]; readonly more: boolean }>;
  /** What was delivered after a seq, without texts that were deleted or replaced; what does not fit is `more`. */
  resume(org: string, ref: RoomRef, after: number, limit: number): Promise<ResumeReply>;
  facts(org: string, ref: RoomRef, seq: number): Promise<MessageFacts | null>;
  /** Every text that a message had, oldest first; empty when there is no such message. */
  versions(org: string, ref: RoomRef, seq: number): Promise<{ seq: number; at: number; body: string }[]>;
}

/** An answer has to fit in a frame of 1 MiB, however long the texts are. */
const resumedBytes = 768 * 1024;

export function createConversations(tenants: Tenants, keys: Pick<DataKeys, "get">): Conversations {
  const rooms = createTenantRooms(tenants);
  const entries = (org: string, { kind, id }: RoomRef) =>
    tenants(org)
      .selectFrom("journal")
      .select(entryColumns)
      .where("org", "=", org)
      .where("kind", "=", kind)
      .where("id", "=", id);

  const keyOf = async (org: string, ref: RoomRef): Promise<DataKey> => {
    const room = await rooms.find(org, ref);
    if (!room) throw new DomainError("room_not_found");
    return keys.get(org, room.keyId);
  };

  const amendments = (org: string, ref: RoomRef, seqs: readonly number[]): Promise<JournalEntry[]> =>
    seqs.length === 0
      ? Promise.resolve([])
      : entries(org, ref).where("amends", "in", seqs).orderBy("seq").execute();

  return {
    page: async (org, ref, query) => {
      const found = await findPage(tenants, org, ref, query);
      if (!found) {
        await keyOf(org, ref);
        return { items: [], more: false };
      }
      const { keyId, messages, amendments, more } = found;
      const key = await keys.get(org, keyId);
      const views = foldMessages(new Map(), delivered(decodeAll(key, ref, [...messages, ...amendments])));
      return { items: [...views.values()], more };
    },
    resume: async (org, ref, after, limit) => {
      const key = await keyOf(org, ref);
      const known = await entries(org, ref)
        .where("type", "in", deliveredTypes)
        .where("seq", "<=", after)
        .orderBy("seq", "desc")
        .limit(1)
        .executeTakeFirst();
      const found = await entries(org, ref)
        .where("type", "in", deliveredTypes)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit + 1)
        .execute();
      const shown = found.slice(0, Math.min(limit, countWithin(found, resumedBytes)));
      const texts = shown.flatMap(({ type, seq, amends }) =>
        type === "chat.message" ? [seq] : type === "chat.edited" && amends !== null ? [amends] : [],
      );
      const later = await amendments(org, ref, texts);
      const events = resumed(delivered(decodeAll(key, ref, shown)), later, known?.seq ?? 0);
      const lastSeq = events.at(-1)?.seq ?? known?.seq ?? 0;
      return { events, lastSeq, more: found.length > shown.length };
    },
    facts: async (org, ref, seq) => {
      const message = await entries(org, ref)
        .where("seq", "=", seq)
        .where("type", "=", "chat.message")
        .executeTakeFirst();
      if (!message) return null;
      const deletion = await entries(org, ref)
        .where("amends", "=", seq)
        .where("type", "=", "chat.deleted")
        .limit(1)
        .executeTakeFirst();
      return { seq, author: message.actor, deleted: deletion !== undefined };
    },
    versions: async (org, ref, seq) => {
      const key = await keyOf(org, ref);
      const texts = await entries(org, ref)
        .where((where) => where.or([where("seq", "=", seq), where("amends", "=", seq)]))
        .where("type", "in", ["chat.message", "chat.edited"])
        .orderBy("seq")
        .execute();
      const kept = texts.filter((entry) => !isErased(key, entry));
      return decodeAll(key, ref, kept).flatMap(({ seq: at, at: time, event }) =>
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
