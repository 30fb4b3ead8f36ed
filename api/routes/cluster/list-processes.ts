import { clusterProcesses } from "../../../core/protocol/cluster.ts";
import { endpoint } from "../../endpoint.ts";
import { clusterToView } from "./operator.ts";

export const listProcesses = endpoint({
  id: "listProcesses",
  method: "get",
  path: "/v1/cluster/processes",
  tag: "cluster",
  summary: "The processes, and what is on them",
  description:
    "The longest running first. A process that is `draining` and has no rooms can be stopped; one that is `gone` has been " +
    "silent for so long that the others take its rooms.",
  input: {},
  reply: clusterProcesses,
  errors: ["forbidden"],
  handle: async (_, context) => ({ items: [...(await clusterToView(context).processes())] }),
});
