import { queueMetrics, queueParams } from "../../../core/protocol/rest-queues.ts";
import { endpoint } from "../../endpoint.ts";
import { commandErrors } from "../rooms/command-errors.ts";

export const getMetrics = endpoint({
  id: "getQueueMetrics",
  method: "get",
  path: "/v1/queues/:id/metrics",
  tag: "queues",
  summary: "How a queue does",
  description:
    "For its staff. Durations are in seconds, and of the last 24 hours where nothing else is said.",
  limited: true,
  input: { params: queueParams },
  reply: queueMetrics,
  errors: commandErrors,
  handle: async ({ params: { id } }, { principal, rooms }) =>
    queueMetrics.parse(await rooms.command(principal, { kind: "waiting", id }, "queue.metrics", {})),
});
