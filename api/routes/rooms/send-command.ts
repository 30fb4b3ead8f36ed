import { z } from "zod";
import { chatRequests } from "../../../core/protocol/conversation.ts";
import { commandRequest, roomParams, roomReply } from "../../../core/protocol/rest.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "./command-errors.ts";

/** The requests that rooms know, with the schemas that rooms parse them by. */
const knownRequests = Object.entries(chatRequests).map(([name, payload]) =>
  z.strictObject({ name: z.literal(name), payload }),
);

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
  input: { params: roomParams, body: commandRequest },
  documentedBody: z.union(knownRequests),
  reply: roomReply,
  errors: [
    ...commandErrors,
    "unknown_request",
    "body_empty",
    "body_too_long",
    "body_malformed",
    "attachments_unsupported",
    "message_not_found",
    "message_deleted",
    "seq_out_of_range",
    "person_not_found",
    "last_admin",
    "member_limit",
  ],
  handle: async ({ params, body }, { principal, rooms }) =>
    rooms.command(principal, params, body.name, body.payload),
});
