import type { ReadinessCheck } from "../../monitoring-port.ts";

export interface CheckOutcome {
  readonly name: string;
  /** Why it is not as it should be; null: it is. */
  readonly reason: string | null;
  readonly optional: boolean;
}

const timeoutMs = 2_000;

/** All at once; one that does not answer, or throws, has a reason too. */
export function runChecks(checks: readonly ReadinessCheck[]): Promise<CheckOutcome[]> {
  return Promise.all(checks.map(outcome));
}

async function outcome({ name, optional = false, check }: ReadinessCheck): Promise<CheckOutcome> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, timeoutMs, `no answer within ${timeoutMs / 1_000} s`);
  // What was thrown may name hosts or people: the log has it, this page does not.
  const reason = await Promise.race([check().catch(() => "the check failed"), late]);
  clearTimeout(timer);
  return { name, reason, optional };
}
