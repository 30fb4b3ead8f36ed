import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** Kinds of requests with a budget of their own. */
export const rateClasses = ["read", "command", "heavy", "open"] as const;
export type RateClass = (typeof rateClasses)[number];

/** `quota` requests in any window of so many seconds, which begins with the first. */
export interface RatePolicy {
  readonly quota: number;
  readonly windowSeconds: number;
}

export interface RateState extends RatePolicy {
  readonly allowed: boolean;
  readonly remaining: number;
  /** Until the window ends (ms). */
  readonly resetMs: number;
}

/** How much each caller may ask for. All processes share one count where they share a Redis; while that is away each counts alone. */
export interface RateLimits {
  /** Counts one request of `who`. Never throws, and hardly waits. */
  take(kind: RateClass, who: string): Promise<RateState>;
}

export interface RateLimitParts {
  readonly policies: Readonly<Record<RateClass, RatePolicy>>;
  /** null: this process is alone. It must fail rather than wait: no offline queue, and a command time-out. */
  readonly redis: Redis | null;
  readonly now?: () => number;
}

/** A Redis that failed is not asked again for so long (ms). */
const awayMs = 1_000;

export function createRateLimits({
  policies,
  redis,
  now = () => performance.now(),
}: RateLimitParts): RateLimits {
  const own = each(policies, (kind, options) => new RateLimiterMemory({ keyPrefix: kind, ...options }));
  const shared =
    redis &&
    each(
      policies,
      (kind, options) =>
        new RateLimiterRedis({
          storeClient: redis,
          keyPrefix: `hugmedo:rate:${kind}`,
          rejectIfRedisNotReady: true,
          ...options,
        }),
    );
  let awayUntil = Number.NEGATIVE_INFINITY;

  const count = async (kind: RateClass, who: string): Promise<RateLimiterRes> => {
    if (shared && now() >= awayUntil) {
      try {
        return await shared[kind].consume(who);
      } catch (outcome) {
        if (outcome instanceof RateLimiterRes) return outcome;
        awayUntil = now() + awayMs;
      }
    }
    return own[kind].consume(who).catch(refused);
  };

  return {
    take: async (kind, who) => {
      const { consumedPoints, remainingPoints, msBeforeNext } = await count(kind, who);
      const policy = policies[kind];
      return {
        ...policy,
        allowed: consumedPoints <= policy.quota,
        remaining: Math.max(0, remainingPoints),
        resetMs: Math.max(0, msBeforeNext),
      };
    },
  };
}

function each<T>(
  policies: RateLimitParts["policies"],
  make: (kind: RateClass, options: { readonly points: number; readonly duration: number }) => T,
): Readonly<Record<RateClass, T>> {
  const of = (kind: RateClass) =>
    make(kind, { points: policies[kind].quota, duration: policies[kind].windowSeconds });
  return { read: of("read"), command: of("command"), heavy: of("heavy"), open: of("open") };
}

/** A refusal is thrown too, and is no failure. */
function refused(outcome: unknown): RateLimiterRes {
  if (outcome instanceof RateLimiterRes) return outcome;
  throw outcome;
}
