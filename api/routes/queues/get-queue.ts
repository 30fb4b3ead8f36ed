import { revisionOf } from "../../../core/domain/revision.ts";
import { queueParams, queueView } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const getQueue = endpoint({
  id: "getQueue",
  method: "get",
  path: "/v1/queues/:id",
  tag: "queues",
  summary: "What a queue is set to",
  description:
    "For those who may change it. Its ETag, in If-Match, refuses a change of what somebody else has changed meanwhile.",
  limited: true,
  input: { params: queueParams },
  reply: queueView,
  revision: ({ settings }) => revisionOf(settings),
  errors: commandErrors,
  handle: async ({ params: { id } }, { principal, rooms }) =>
    queueView.parse({
      id,
      settings: await rooms.command(principal, { kind: "waiting", id }, "queue.settings", {}),
    }),
});
