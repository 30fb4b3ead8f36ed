import { recordings } from "../../../core/protocol/rest-recordings.ts";
import { visitParams } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";
import { askVisit } from "../rooms/in-emergency.ts";
import { patientOf } from "../rooms/patient-of.ts";

export const listRecordings = endpoint({
  id: "listRecordings",
  method: "get",
  path: "/v1/visits/:id/recordings",
  tag: "visits",
  summary: "The recordings of a visit",
  description:
    "For its clinicians, administrators and its patient; the patient is shown no files. Each is shown with when it ran and " +
    "when not, who was there, who had agreed, and the checksums of its files.",
  limited: true,
  input: { params: visitParams },
  reply: recordings,
  errors: commandErrors,
  reads: {
    action: "recordings.list",
    subjects: async (_, { params: { id } }, context) => [
      await patientOf({ kind: "consultation", id }, context),
    ],
    room: ({ params: { id } }) => ({ kind: "consultation", id }),
  },
  handle: async ({ params: { id } }, context) =>
    recordings.parse(await askVisit(context, id, { action: "recordings.list", request: "recording.list" })),
});
