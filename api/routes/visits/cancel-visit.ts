import { randomUUID } from "node:crypto";
import { commandReply } from "../../../core/protocol/rest.ts";
import { cancelVisit as request, visitParams } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const cancelVisit = endpoint({
  id: "cancelVisit",
  method: "post",
  path: "/v1/visits/:id/cancel",
  tag: "visits",
  summary: "Cancel a visit that has not begun",
  limited: true,
  input: { params: visitParams, body: request },
  reply: commandReply,
  errors: [...commandErrors, "visit_phase", "visit_ended"],
  handle: async ({ params, body }, { principal, rooms }) => {
    const ref = { kind: "consultation", id: params.id } as const;
    const payload = { ...body, id: body.id ?? randomUUID() };
    return commandReply.parse(await rooms.command(principal, ref, "visit.cancel", payload));
  },
});
