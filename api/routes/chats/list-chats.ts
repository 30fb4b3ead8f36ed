import { z } from "zod";
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
  input: { query: listQuery },
  reply: chats,
  errors: [],
  handle: async ({ query: { after, limit } }, { principal, conversations }) => {
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
