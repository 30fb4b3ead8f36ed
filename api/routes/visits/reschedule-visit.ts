import { randomUUID } from "node:crypto";
import { commandReply } from "../../../core/protocol/rest.ts";
import { rescheduleVisit as request, visitParams } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const rescheduleVisit = endpoint({
  id: "rescheduleVisit",
  method: "post",
  path: "/v1/visits/:id/reschedule",
  tag: "visits",
  summary: "Give a visit another time",
  description:
    "The ETag of the visit, in If-Match, refuses it where the visit has been given another time meanwhile.",
  limited: true,
  ifMatch: "optional",
  input: { params: visitParams, body: request },
  reply: commandReply,
  errors: [...commandErrors, "visit_phase", "visit_ended"],
  handle: async ({ params, body }, { principal, rooms, expected }) => {
    const ref = { kind: "consultation", id: params.id } as const;
    const payload = { ...body, id: body.id ?? randomUUID(), ...expected };
    return commandReply.parse(await rooms.command(principal, ref, "visit.reschedule", payload));
  },
});
