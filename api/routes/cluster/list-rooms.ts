import { clusterRooms, clusterRoomsQuery } from "../../../core/protocol/cluster.ts";
import { roomParams } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";
import { clusterToView } from "./operator.ts";

export const listRooms = endpoint({
  id: "listClusterRooms",
  method: "get",
  path: "/v1/cluster/rooms",
  tag: "cluster",
  summary: "The rooms of all organisations, and which process each is on",
  description: "By kind and id. `process` names one: then it is those that are awake there.",
  input: { query: clusterRoomsQuery },
  reply: clusterRooms,
  errors: ["forbidden"],
  handle: async ({ query: { process, kind, after, limit } }, context) => {
    const found = await clusterToView(context).rooms({
      process,
      kind,
      after: decodeCursor(roomParams, after),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next = found.length > limit && last ? encodeCursor({ kind: last.kind, id: last.id }) : null;
    return { items, next };
  },
});
