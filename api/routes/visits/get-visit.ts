import { revisionOf } from "../../../core/domain/revision.ts";
import { visitParams, visitSummary } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";
import { askVisit } from "../rooms/in-emergency.ts";

export const getVisit = endpoint({
  id: "getVisit",
  method: "get",
  path: "/v1/visits/:id",
  tag: "visits",
  summary: "A visit: who, when, what was agreed, and how it ended",
  description: "For whoever is in it, and for the front desk. Notes that are not shared come to staff alone.",
  limited: true,
  input: { params: visitParams },
  reply: visitSummary,
  revision: ({ schedule }) => revisionOf(schedule),
  errors: commandErrors,
  reads: {
    action: "visits.read",
    subjects: ({ patient }) => [patient.person],
    room: ({ params: { id } }) => ({ kind: "consultation", id }),
  },
  handle: async ({ params: { id } }, context) =>
    visitSummary.parse(await askVisit(context, id, { action: "visit.summary", request: "visit.summary" })),
});
