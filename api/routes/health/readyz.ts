import type { DependencyReport } from "../../../core/platform/resilience/record.ts";
import { type Readiness, readiness } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import type { ApiDeps } from "../../ports.ts";
import { type CheckOutcome, runChecks } from "./run-checks.ts";

export const readyz = openEndpoint({
  id: "readiness",
  method: "get",
  path: "/readyz",
  tag: "health",
  summary: "Whether the process can do its work",
  description:
    "`checks` says which part is not as it should be, and why. 503 when the process cannot work without it, or is to get no new " +
    "people; `degraded`, with 200, when it works on, less well. `dependencies` are what the process asks outside itself: how each stands, since when, " +
    "the class of the last failure, and what is less good meanwhile.",
  rate: "none",
  input: {},
  reply: readiness,
  otherStatus: 503,
  errors: [],
  handle: async (_, { setStatus, ...services }) => {
    const shown = await readinessOf(services);
    if (shown.status === "not_ready") setStatus(503);
    return shown;
  },
});

/** How the process stands, as it is shown. */
export async function readinessOf({
  checks,
  dependencies,
}: Pick<ApiDeps, "checks" | "dependencies">): Promise<Readiness> {
  const shown = (await runChecks(checks)).map(present);
  const ready = shown.every((one) => one.ready);
  const reports = dependencies();
  const degraded = shown.some((one) => one.degraded) || reports.some((one) => one.degraded !== null);
  return {
    status: !ready ? "not_ready" : degraded ? "degraded" : "ready",
    checks: shown,
    ...(reports.length > 0 ? { dependencies: reports.map(presentDependency) } : {}),
  };
}

function present({ name, reason, optional }: CheckOutcome) {
  if (reason === null) return { name, ready: true };
  return optional ? { name, ready: true, degraded: true, reason } : { name, ready: false, reason };
}

function presentDependency({ name, state, since, lastError, lastErrorAt, degraded }: DependencyReport) {
  return {
    ...{ name, state, since: Math.round(since) },
    ...(lastError === null || lastErrorAt === null
      ? {}
      : { lastError, lastErrorAt: Math.round(lastErrorAt) }),
    ...(degraded === null ? {} : { degraded }),
  };
}
