import { z } from "zod";
import { type RoomKindName, type RoomRef, roomIdPattern, roomKinds } from "../domain/room.ts";
import { personId, seq } from "./conversation.ts";
import { at, digits, limit, lookup, page } from "./rest-parts.ts";

/** What can be looked for: `rooms` are chats and queues, by their titles; `visits` by whom they are for and why. */
export const searchGroups = ["messages", "people", "visits", "files", "rooms"] as const;
export type SearchGroup = (typeof searchGroups)[number];

const groups = z
  .string()
  .transform((text) => text.split(","))
  .pipe(z.array(z.enum(searchGroups)).min(1).max(searchGroups.length))
  .default([...searchGroups]);

const roomAddress = z
  .string()
  .regex(new RegExp(`^(${roomKinds.join("|")}):${roomIdPattern.source.slice(1)}`), "kind:id")
  .transform((text): RoomRef => {
    const [kind = "", id = ""] = text.split(":");
    return { kind: roomKinds.find((known): known is RoomKindName => known === kind) ?? "chat", id };
  });

/** `from`: who wrote it. `since`, `until`: times, the second exclusive. `after`: the `next` of the page before. */
export const searchQuery = z.object({
  q: lookup.min(1).max(200),
  in: groups,
  room: roomAddress.optional(),
  from: personId.optional(),
  since: digits.pipe(at).optional(),
  until: digits.pipe(at).optional(),
  after: z.string().max(200).optional(),
  limit,
});

/** A part of what was found; `highlights` are places in `text`, in UTF-16 units, the end exclusive. */
export const snippet = z.object({
  text: z.string(),
  highlights: z.array(z.object({ start: z.int(), end: z.int() })),
});

export const searchItem = z.object({
  in: z.enum(searchGroups),
  /** Where it is; null: a person. */
  room: z.object({ kind: z.enum(roomKinds), id: z.string() }).nullable(),
  /** Of the message; null: it is the room, or the person. */
  seq: seq.nullable(),
  /** Who wrote the message, or who was found. */
  person: z.string().nullable(),
  at: at.nullable(),
  /** More is better; comparable within a page. */
  score: z.number(),
  snippet,
});
/** `indexedUpTo`: what was written later may be missing. */
export const searchResults = page(searchItem).extend({ indexedUpTo: at });

export const searchRebuild = z.object({
  /** The build of the index that is being made. */
  generation: z.int(),
});

export type SearchItem = z.infer<typeof searchItem>;
export type SearchResults = z.infer<typeof searchResults>;
