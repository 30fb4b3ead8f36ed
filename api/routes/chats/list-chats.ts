import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { chats, listQuery } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";
import { presentChat } from "./present-chat.ts";

const place = z.strictObject({ at: z.int(), id: z.string() });

export const listChats = endpoint({
  id: "listChats",
  method: "get",
  path: "/v1/chats",
  tag: "chats",
  summary: "My chats, latest activity first",
  description: "Not for guests: they have the chat of their visit alone.",
  input: { query: listQuery },
  reply: chats,
  errors: ["forbidden"],
  reads: {
    action: "chat.list",
    subjects: async ({ items }, _, { principal, listings }) => {
      const refs = items.map(({ id }) => ({ kind: "chat", id }) as const);
      const patients = await listings.patients(principal.org, refs);
      return [...patients.values(), ...items.map(({ last }) => last?.from ?? null)];
    },
  },
  handle: async ({ query: { after, limit } }, { principal, conversations }) => {
    if (!can(principal, "chat.list", { org: principal.org })) throw new DomainError("forbidden");
    const found = await conversations.chats({
      org: principal.org,
      person: principal.id,
      after: decodeCursor(place, after),
      limit: limit + 1,
    });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const next = found.length > limit && last ? encodeCursor({ at: last.at, id: last.id }) : null;
    return { items: shown.map(presentChat), next };
  },
});
