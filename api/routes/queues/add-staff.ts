import { randomUUID } from "node:crypto";
import { commandReply } from "../../../core/protocol/rest.ts";
import { queueStaffParams, addQueueStaff as request } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const addStaff = endpoint({
  id: "addQueueStaff",
  method: "put",
  path: "/v1/queues/:id/staff/:person",
  tag: "queues",
  summary: "Let somebody run a queue",
  limited: true,
  input: { params: queueStaffParams, body: request.optional() },
  reply: commandReply,
  errors: [...commandErrors, "person_not_found"],
  handle: async ({ params, body }, { principal, rooms }) => {
    const ref = { kind: "waiting", id: params.id } as const;
    const payload = { id: body?.id ?? randomUUID(), person: params.person, on: true };
    return commandReply.parse(await rooms.command(principal, ref, "queue.staff", payload));
  },
});
