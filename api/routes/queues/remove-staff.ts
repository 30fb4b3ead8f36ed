import { randomUUID } from "node:crypto";
import { commandIdQuery, commandReply } from "../../../core/protocol/rest.ts";
import { queueStaffParams } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const removeStaff = endpoint({
  id: "removeQueueStaff",
  method: "delete",
  path: "/v1/queues/:id/staff/:person",
  tag: "queues",
  summary: "Take somebody off a queue's staff",
  limited: true,
  input: { params: queueStaffParams, query: commandIdQuery },
  reply: commandReply,
  errors: commandErrors,
  handle: async ({ params, query: { id = randomUUID() } }, { principal, rooms }) => {
    const ref = { kind: "waiting", id: params.id } as const;
    const payload = { id, person: params.person, on: false };
    return commandReply.parse(await rooms.command(principal, ref, "queue.staff", payload));
  },
});
