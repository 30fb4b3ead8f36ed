import { DomainError } from "../../domain/errors.ts";

/** When to ask again (ms). */
export const awayRetryMs = 500;

/** Node's, for a connection that could not be made, or broke. */
const network = ["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"];
/** PostgreSQL's (appendix A): it stops, crashed, starts, has no connection left, or gave a slow statement up. */
const states = /^(08...|53300|57014|57P0[1-5])$/;
/** pg's, which have no code. */
const words = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;

/**
 * What was thrown; where the database could not be reached, or did not answer in time, a DomainError that says so and
 * may be tried again.
 */
export function asUnavailable(error: unknown): unknown {
  return isAway(error)
    ? new DomainError("unavailable", undefined, { retryAfterMs: awayRetryMs, cause: error })
    : error;
}

/** Whether it was the database that could not be reached, or did not answer in time. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DomainError) return false;
  const code = "code" in error ? String(error.code) : "";
  return network.includes(code) || states.test(code) || words.test(error.message);
}
