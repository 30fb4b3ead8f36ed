import { z } from "zod";
import { isRoomKind, type RoomRef, roomKinds } from "../domain/room.ts";
import { personId, seq } from "./conversation.ts";
import { at, digits, limit, lookup, page } from "./rest-parts.ts";

/** What can be looked for: `rooms` are chats and queues, by their titles; `visits` by whom they are for and why. */
export const searchGroups = ["messages", "people", "visits", "files", "rooms"] as const;
export type SearchGroup = (typeof searchGroups)[number];

const oneOf = `(${searchGroups.join("|")})`;
/** Some of the groups, with commas between them. */
const groups = z
  .string()
  .regex(new RegExp(`^${oneOf}(,${oneOf}){0,9}$`), "some of the groups, with commas between them")
  .default(searchGroups.join(","));
/** `chat:demo`. */
const roomAddress = z
  .string()
  .regex(new RegExp(`^(${roomKinds.join("|")}):[a-z0-9-]{1,32}$`), "a room as kind:id");

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

export const searchBuilds = z.object({
  /** The build that searches look into; null: nothing was indexed yet. */
  live: z.int().nullable(),
  /** The one that is being made; null: none. */
  building: z.int().nullable(),
  /** How much of the journal it has read, from 0 to 1. */
  progress: z.number().min(0).max(1).nullable(),
});

export type SearchItem = z.infer<typeof searchItem>;
export type SearchResults = z.infer<typeof searchResults>;

/** Of the query's `in`. */
export function groupsIn(text: string): ReadonlySet<string> {
  return new Set(text.split(","));
}

/** Of the query's `room`. */
export function roomAt(text: string | undefined): RoomRef | null {
  const [kind, id = ""] = text?.split(":") ?? [];
  return isRoomKind(kind) ? { kind, id } : null;
}
