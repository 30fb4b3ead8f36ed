import { randomUUID } from "node:crypto";
import { commandReply } from "../../../core/protocol/rest.ts";
import { queueParams, configureQueue as request } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const configureQueue = endpoint({
  id: "configureQueue",
  method: "patch",
  path: "/v1/queues/:id",
  tag: "queues",
  summary: "Change a queue's settings",
  description: "What is left out stays as it is.",
  limited: true,
  ifMatch: "optional",
  input: { params: queueParams, body: request },
  reply: commandReply,
  errors: [...commandErrors, "hours_invalid"],
  handle: async ({ params, body: { id = randomUUID(), settings } }, { principal, rooms, expected }) => {
    const ref = { kind: "waiting", id: params.id } as const;
    return commandReply.parse(
      await rooms.command(principal, ref, "queue.configure", { id, settings, ...expected }),
    );
  },
});
