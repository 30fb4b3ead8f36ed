import { clusterProcess, processParams } from "../../../core/protocol/cluster.ts";
import { endpoint } from "../../endpoint.ts";
import { clusterToControl } from "./operator.ts";

export const undrainProcess = endpoint({
  id: "undrainProcess",
  method: "post",
  path: "/v1/cluster/processes/:id/undrain",
  tag: "cluster",
  summary: "Let a process take rooms again",
  description: "Ends its drain. Rooms that have left do not come back by themselves: rebalance for that.",
  limited: true,
  input: { params: processParams },
  reply: clusterProcess,
  errors: ["forbidden", "not_found", "busy"],
  handle: async ({ params: { id } }, context) => {
    const cluster = await clusterToControl(context, { action: "cluster.undrain", detail: { process: id } });
    return cluster.undrain(id);
  },
});
