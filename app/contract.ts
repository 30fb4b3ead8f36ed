import { setInterval } from "node:timers";
import { Redis } from "ioredis";
import type { ApiDeps } from "../api/ports.ts";
import type { RateLimitsConfig } from "../core/platform/config/limits.ts";
import type { KeyRing } from "../core/platform/crypto/key-ring.ts";
import type { Database } from "../core/platform/database/database.ts";
import { createRateLimits } from "../core/platform/limits/rate-limits.ts";
import type { Logger } from "../core/platform/logger.ts";
import { createIdempotencyKeys } from "../core/platform/repositories/idempotency-keys.ts";

/** What keeps the API's promises to its callers: repeats, and fair shares. */
export interface Contract extends Pick<ApiDeps, "idempotency" | "limits"> {
  close(): void;
}

interface Parts {
  readonly database: Database;
  readonly ring: KeyRing;
  readonly log: Logger;
  readonly redisUrl: string | null;
  readonly limits: RateLimitsConfig;
}

const sweepEveryMs = 3_600_000;

export function openContract({ database, ring, log, redisUrl, limits }: Parts): Contract {
  const { db, tenants } = database;
  const idempotency = createIdempotencyKeys({ db, tenants, ring });
  const redis = redisUrl === null ? null : dialForLimits(redisUrl);
  const sweeping = setInterval(() => {
    idempotency
      .sweep()
      .catch((err: unknown) => log.warn({ err }, "expired idempotency keys are still there"));
  }, sweepEveryMs);
  sweeping.unref();
  return {
    idempotency,
    limits: createRateLimits({ policies: policiesOf(limits), redis }),
    close: () => {
      clearInterval(sweeping);
      redis?.disconnect();
    },
  };
}

function policiesOf(limits: RateLimitsConfig) {
  return {
    read: { quota: limits.readsPerSecond * 10, windowSeconds: 10 },
    command: { quota: limits.commandsPerSecond * 2, windowSeconds: 2 },
    heavy: { quota: limits.heavyPerMinute, windowSeconds: 60 },
    open: { quota: limits.strangersPerSecond * 10, windowSeconds: 10 },
  };
}

/** A request waits for it a quarter of a second at most, and not at all while it is known to be away. */
function dialForLimits(url: string): Redis {
  const redis = new Redis(url, {
    connectTimeout: 2_000,
    commandTimeout: 250,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    disableClientInfo: true,
    retryStrategy: (tries) => Math.min(1_000, 50 * 2 ** Math.min(tries, 5)),
  });
  // Whoever asks is told; that it is away is in the log and in /readyz by the cluster's own connection.
  redis.on("error", () => {});
  return redis;
}
