import { z } from "zod";
import { callRequests } from "../../../core/protocol/call.ts";
import { chatRequests } from "../../../core/protocol/conversation.ts";
import { queueRequests } from "../../../core/protocol/queue.ts";
import { commandRequest, roomParams, roomReply } from "../../../core/protocol/rest.ts";
import { visitRequests } from "../../../core/protocol/visit.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "./command-errors.ts";
import { patientOf } from "./patient-of.ts";

/** What rooms say to each other, and take from nobody else. */
const ownRequests = [
  "queue.arrive",
  "queue.decline",
  "queue.used",
  "queue.served",
  "visit.accept",
  "visit.arrive",
  "visit.decline",
  "media.lost",
  "recording.keep",
];

/** Requests that show what is in the room. */
const reading = ["chat.resume", "visit.summary", "recording.list"];

/** The requests that rooms take from people, with the schemas that rooms parse them by. */
const knownRequests = Object.entries({ ...chatRequests, ...queueRequests, ...visitRequests, ...callRequests })
  .filter(([name]) => !ownRequests.includes(name))
  .map(([name, payload]) => z.strictObject({ name: z.literal(name), payload }));

export const sendCommand = endpoint({
  id: "sendCommand",
  method: "post",
  path: "/v1/rooms/:kind/:id/commands",
  tag: "rooms",
  summary: "A room's request, as on the socket",
  description:
    "The same names, payloads, replies and refusals. A request that carries `id` can be repeated safely: it " +
    "takes effect once, and a repeat gets the first reply.",
  limited: true,
  creates: true,
  input: { params: roomParams, body: commandRequest },
  documentedBody: z.union(knownRequests),
  reply: roomReply,
  errors: [
    ...commandErrors,
    "unknown_request",
    "body_empty",
    "body_too_long",
    "body_malformed",
    "file_not_found",
    "file_rejected",
    "file_incomplete",
    "message_not_found",
    "message_deleted",
    "seq_out_of_range",
    "person_not_found",
    "last_admin",
    "member_limit",
    "queue_closed",
    "queue_suspended",
    "queue_not_found",
    "already_exists",
    "already_admitted",
    "check_in_incomplete",
    "entry_not_found",
    "entry_gone",
    "entry_taken",
    "entry_away",
    "entry_not_called",
    "entry_moving",
    "no_clinician",
    "hours_invalid",
    "visit_ended",
    "visit_not_started",
    "visit_locked",
    "visit_phase",
    "participant_not_found",
    "invitation_invalid",
    "survey_given",
    "media_unavailable",
    "call_full",
    "call_incompatible",
    "call_moved",
    "call_gone",
    "not_in_call",
    "consent_missing",
    "consent_text_not_found",
    "recording_unavailable",
    "recording_running",
    "recording_not_found",
  ],
  // What else changes the room is in its journal.
  reads: {
    action: "room.request",
    subjects: async (_, { params, body }, context) =>
      reading.includes(body.name) ? [await patientOf(params, context)] : [],
    room: ({ params }) => params,
  },
  handle: async ({ params, body }, { principal, rooms }) =>
    rooms.command(principal, params, body.name, body.payload),
});
