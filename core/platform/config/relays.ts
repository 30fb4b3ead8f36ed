import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { listed } from "./values.ts";

const urls = (protocols: RegExp, what: string) =>
  z
    .string()
    .default("")
    .transform(listed)
    .pipe(z.array(z.string().regex(protocols, what)));

export const relaySettings = z.object({
  STUN_URLS: urls(/^stuns?:[^\s,]+$/, "stun: or stuns: URLs, separated by commas"),
  TURN_URLS: urls(/^turns?:[^\s,]+$/, "turn: or turns: URLs, separated by commas"),
  TURN_SECRET: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]{16,}=*$/, "16 or more of A-Z a-z 0-9 . _ ~ + / - (openssl rand -hex 32)")
    .optional(),
  TURN_TTL_SECONDS: z.coerce.number().int().min(60).max(86_400).default(14_400),
});

type RelaySettings = z.infer<typeof relaySettings>;

/** How browsers find a way to each other. */
export interface RelayConfig {
  readonly stunUrls: readonly string[];
  /** None: browsers have to reach each other directly. */
  readonly turnUrls: readonly string[];
  /** Shared with the TURN servers; they and we make the same passwords from it. */
  readonly turnSecret: string;
  /** How long such a password is good for. */
  readonly turnTtlSeconds: number;
}

export function relayConfig(e: RelaySettings): RelayConfig {
  if (e.TURN_URLS.length > 0 && e.TURN_SECRET === undefined) {
    throw new ConfigError(
      "TURN_URLS: the servers need a secret that they share with us. Set TURN_SECRET too.",
    );
  }
  return {
    stunUrls: e.STUN_URLS,
    turnUrls: e.TURN_URLS,
    turnSecret: e.TURN_SECRET ?? "",
    turnTtlSeconds: e.TURN_TTL_SECONDS,
  };
}
