import { clusterProcess, processParams } from "../../../core/protocol/cluster.ts";
import { endpoint } from "../../endpoint.ts";
import { clusterToControl } from "./operator.ts";

export const drainProcess = endpoint({
  id: "drainProcess",
  method: "post",
  path: "/v1/cluster/processes/:id/drain",
  tag: "cluster",
  summary: "Empty a process",
  description:
    "From now on it takes no new rooms, and hands those it has to the others, with the people in them. The answer comes at " +
    "once; the drain is done when its `rooms` is 0. Doing it again does no harm.",
  limited: true,
  input: { params: processParams },
  reply: clusterProcess,
  errors: ["forbidden", "not_found", "busy"],
  handle: async ({ params: { id } }, context) => {
    const cluster = await clusterToControl(context, { action: "cluster.drain", detail: { process: id } });
    return cluster.drain(id);
  },
});
