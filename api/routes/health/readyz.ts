import { type Readiness, readiness } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import type { ReadinessCheck } from "../../ports.ts";
import { type CheckOutcome, runChecks } from "./run-checks.ts";

export const readyz = openEndpoint({
  id: "readiness",
  method: "get",
  path: "/readyz",
  tag: "health",
  summary: "Whether the process can do its work",
  description:
    "`checks` says which part is not as it should be, and why. 503 when the process cannot work without it, or is to get no new " +
    "people; `degraded`, with 200, when it works on, less well.",
  rate: "none",
  input: {},
  reply: readiness,
  otherStatus: 503,
  errors: [],
  handle: async (_, { checks, setStatus }) => {
    const shown = await readinessOf(checks);
    if (shown.status === "not_ready") setStatus(503);
    return shown;
  },
});

/** How the process stands, as it is shown. */
export async function readinessOf(checks: readonly ReadinessCheck[]): Promise<Readiness> {
  const shown = (await runChecks(checks)).map(present);
  const ready = shown.every((one) => one.ready);
  const degraded = shown.some((one) => one.degraded);
  return { status: !ready ? "not_ready" : degraded ? "degraded" : "ready", checks: shown };
}

function present({ name, reason, optional }: CheckOutcome) {
  if (reason === null) return { name, ready: true };
  return optional ? { name, ready: true, degraded: true, reason } : { name, ready: false, reason };
}
