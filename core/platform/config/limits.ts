import { z } from "zod";

export const limitSettings = z.object({
  COMMANDS_PER_SECOND: z.coerce.number().min(1).max(10_000).default(20),
  API_READS_PER_SECOND: z.coerce.number().int().min(1).default(200),
  API_HEAVY_PER_MINUTE: z.coerce.number().int().min(1).default(60),
  API_STRANGERS_PER_SECOND: z.coerce.number().int().min(1).default(100),
  API_REQUESTS_PER_ORG: z.coerce.number().int().min(1).default(256),
});

type LimitSettings = z.infer<typeof limitSettings>;

export interface LimitsConfig {
  /** Per connection; twice as many may come at once. */
  readonly commandsPerSecond: number;
  readonly limits: RateLimitsConfig;
}

/** What a caller of the API may ask for. */
export interface RateLimitsConfig {
  readonly readsPerSecond: number;
  readonly commandsPerSecond: number;
  /** Searches and exports. */
  readonly heavyPerMinute: number;
  /** Of a network, by whoever has not signed in. */
  readonly strangersPerSecond: number;
  /** Requests of one organisation that a process has under way at once. */
  readonly requestsPerOrg: number;
}

export function limitsConfig(e: LimitSettings): LimitsConfig {
  return {
    commandsPerSecond: e.COMMANDS_PER_SECOND,
    limits: {
      readsPerSecond: e.API_READS_PER_SECOND,
      commandsPerSecond: e.COMMANDS_PER_SECOND,
      heavyPerMinute: e.API_HEAVY_PER_MINUTE,
      strangersPerSecond: e.API_STRANGERS_PER_SECOND,
      requestsPerOrg: e.API_REQUESTS_PER_ORG,
    },
  };
}
