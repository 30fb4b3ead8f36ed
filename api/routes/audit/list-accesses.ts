import { listQuery } from "../../../core/protocol/rest.ts";
import { accesses } from "../../../core/protocol/rest-records.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";
import { auditPlace } from "./list-audit.ts";

export const listAccesses = endpoint({
  id: "listAccesses",
  method: "get",
  path: "/v1/me/accesses",
  tag: "people",
  summary: "Who looked at my data, newest first",
  description: "Without what I looked at myself.",
  limited: true,
  input: { query: listQuery },
  reply: accesses,
  errors: [],
  handle: async ({ query: { after, limit } }, { principal, records, identity: { people } }) => {
    const { org, id } = principal;
    const place = decodeCursor(auditPlace, after);
    const found = await records.audit.list({ org, subject: id, butBy: id, after: place, limit: limit + 1 });
    const shown = found.slice(0, limit);
    const names = await people.names(org, [...new Set(shown.map(({ actor }) => actor))]);
    const items = shown.map(({ at, actor, action, room, detail: { purpose } }) => ({
      at,
      by: actor === "system" ? "HugMeDo" : (names.get(actor) ?? null),
      action,
      purpose: typeof purpose === "string" ? purpose : null,
      room,
    }));
    const last = shown.at(-1);
    return { items, next: found.length > limit && last ? encodeCursor({ at: last.at, id: last.id }) : null };
  },
});
