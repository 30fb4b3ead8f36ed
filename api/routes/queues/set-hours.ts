import { randomUUID } from "node:crypto";
import { commandReply } from "../../../core/protocol/rest.ts";
import { queueParams, setQueueHours as request } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const setHours = endpoint({
  id: "setQueueHours",
  method: "put",
  path: "/v1/queues/:id/hours",
  tag: "queues",
  summary: "Set a queue's opening hours",
  description: "By the clock of their time zone. Without hours (null) it opens and closes by hand alone.",
  limited: true,
  ifMatch: "optional",
  input: { params: queueParams, body: request },
  reply: commandReply,
  errors: [...commandErrors, "hours_invalid"],
  handle: async ({ params, body: { id = randomUUID(), hours } }, { principal, rooms, expected }) => {
    const ref = { kind: "waiting", id: params.id } as const;
    const payload = { id, settings: { hours }, ...expected };
    return commandReply.parse(await rooms.command(principal, ref, "queue.configure", payload));
  },
});
