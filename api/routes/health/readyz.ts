import { readiness } from "../../../core/protocol/rest.ts";
import { openEndpoint } from "../../endpoint.ts";
import type { ReadinessCheck } from "../../ports.ts";

const timeoutMs = 2_000;

export const readyz = openEndpoint({
  id: "readiness",
  method: "get",
  path: "/readyz",
  tag: "health",
  summary: "Whether the process can do its work",
  description: "503 when not; `checks` says which part is not ready, and why.",
  input: {},
  reply: readiness,
  otherStatus: 503,
  errors: [],
  handle: async (_, { checks, setStatus }) => {
    const results = await Promise.all(checks.map(outcome));
    const ready = results.every((result) => result.ready);
    if (!ready) setStatus(503);
    return { status: ready ? ("ready" as const) : ("not_ready" as const), checks: results };
  },
});

async function outcome({ name, check }: ReadinessCheck) {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, timeoutMs, `no answer within ${timeoutMs / 1_000} s`);
  // What was thrown may name hosts or people: the log has it, this page does not.
  const reason = await Promise.race([check().catch(() => "the check failed"), late]);
  clearTimeout(timer);
  return reason === null ? { name, ready: true } : { name, ready: false, reason };
}
