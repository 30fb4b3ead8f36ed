import { moveOutcome, moveRequest } from "../../../core/protocol/cluster.ts";
import { roomParams } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { clusterToControl } from "./operator.ts";

export const moveRoom = endpoint({
  id: "moveRoom",
  method: "post",
  path: "/v1/cluster/rooms/:kind/:id/move",
  tag: "cluster",
  summary: "Move a room to another process",
  description:
    "With the people in it, who notice nothing. `to` names the process, else it is the one with the most room. While a patient is " +
    "on the way into or out of the room it is refused as `room_fragile`, unless `force` is true. Answered when the room is there.",
  limited: true,
  input: { params: roomParams, body: moveRequest.optional() },
  reply: moveOutcome,
  errors: [
    "forbidden",
    "not_found",
    "room_not_found",
    "room_asleep",
    "room_fragile",
    "room_closed",
    "no_process",
    "busy",
  ],
  handle: async ({ params, body }, context) => {
    const options = { to: body?.to ?? null, force: body?.force ?? false };
    const cluster = await clusterToControl(context, {
      action: "cluster.move",
      room: params,
      detail: options,
    });
    return cluster.move(params, options);
  },
});
