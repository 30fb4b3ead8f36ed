import { rebalancePlan, rebalanceRequest } from "../../../core/protocol/cluster.ts";
import { endpoint } from "../../endpoint.ts";
import { clusterToControl, clusterToView } from "./operator.ts";

export const rebalance = endpoint({
  id: "rebalance",
  method: "post",
  path: "/v1/cluster/rebalance",
  tag: "cluster",
  summary: "Even out the rooms over the processes",
  description:
    "By the fewest moves after which no two processes are further apart than one room or a tenth of the average. The answer says which; " +
    "with `dryRun` that is all. Else they are made after the answer, one after the other; those that cannot be made are left out.",
  limited: true,
  input: { body: rebalanceRequest.optional() },
  reply: rebalancePlan,
  errors: ["forbidden", "no_process", "busy"],
  handle: async ({ body }, context) => {
    if (body?.dryRun) return clusterToView(context).rebalance({ dryRun: true });
    const cluster = await clusterToControl(context, { action: "cluster.rebalance" });
    return cluster.rebalance({ dryRun: false });
  },
});
