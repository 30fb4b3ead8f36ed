import { DomainError } from "../../core/domain/errors.ts";
import type { RateClass, RateLimits } from "../../core/platform/limits/rate-limits.ts";

/**
 * Counts a request and says in the headers what is left. Throws `rate_limited`.
 * Source: draft-ietf-httpapi-ratelimit-headers-10.
 */
export async function takeFrom(
  limits: RateLimits,
  kind: RateClass,
  who: string,
  setHeader: (name: string, value: string) => void,
): Promise<void> {
  const { allowed, quota, windowSeconds, remaining, resetMs } = await limits.take(kind, who);
  setHeader("ratelimit-policy", `"${kind}";q=${quota};w=${windowSeconds}`);
  setHeader("ratelimit", `"${kind}";r=${remaining};t=${Math.ceil(resetMs / 1_000)}`);
  if (!allowed)
    throw new DomainError("rate_limited", undefined, { retryAfterMs: Math.max(1, Math.ceil(resetMs)) });
}
