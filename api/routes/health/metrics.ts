import { exposition } from "../../../core/protocol/rest.ts";
import { monitoringEndpoint } from "../../endpoint.ts";
import { runChecks } from "./run-checks.ts";

export const metrics = monitoringEndpoint({
  id: "metrics",
  method: "get",
  path: "/metrics",
  tag: "health",
  summary: "What this process measures, for Prometheus",
  description:
    "For operators, and for whoever shows the token of the setting `METRICS_TOKEN`. docs/monitoring.md explains every one of them. " +
    "Nothing in it is about a person, a room or an organisation.",
  input: {},
  reply: exposition,
  replyType: "text/plain; version=0.0.4; charset=utf-8",
  errors: ["forbidden"],
  handle: async (_, { checks, metrics }) => {
    const outcomes = await runChecks(checks);
    return metrics.text(Object.fromEntries(outcomes.map(({ name, reason }) => [name, reason === null])));
  },
});
