import { z } from "zod";
import type { OidcConfig } from "../core/platform/config/identity.ts";
import { oidcPrincipal } from "../core/platform/identity/claims.ts";
import type { SharedTallies } from "../core/platform/identity/guess-tallies.ts";
import type { Identity } from "../core/platform/identity/identity.ts";
import { discoveredKeys, type RemoteKeysOptions, remoteKeys } from "../core/platform/identity/remote-keys.ts";
import type { TrustedIssuer } from "../core/platform/identity/verifier.ts";
import type { EndedSession } from "../core/platform/repositories/sessions.ts";
import type { ClusterRedis } from "../rooms/cluster/redis/open-redis.ts";

const oidcAlgorithms = ["RS256", "PS256", "ES256", "EdDSA"];

/** An issuer besides our own, as the configuration has it. */
export function trustedIssuer(oidc: OidcConfig, way: RemoteKeysOptions): TrustedIssuer {
  const { issuer, jwks, audience, audienceClaim, tokenType, org, rolesClaim, rolesMap } = oidc;
  return {
    ...{ issuer, audience, audienceClaim, type: tokenType, algorithms: oidcAlgorithms },
    keys: jwks === null ? discoveredKeys(issuer, way) : remoteKeys(jwks, way),
    principal: oidcPrincipal({ org, rolesClaim, rolesMap }),
  };
}

/** Processes tell each other here which sessions ended. */
const topic = "sessions.ended";
const message = z.array(z.object({ id: z.string(), endedAt: z.number() }));

/**
 * What ends here reaches the other processes at once while there is Redis. Nothing depends on it: each finds the same in
 * the database, half a second later.
 */
export function announceOver(
  redis: ClusterRedis | null,
): ((ended: readonly EndedSession[]) => void) | undefined {
  return redis ? (ended) => void redis.presence.publish(topic, ended) : undefined;
}

/** Hears what other processes announce. What is not of the form is passed over: the worst a message can do is sign somebody out. */
export async function hearOver(
  redis: ClusterRedis | null,
  { sessions }: Pick<Identity, "sessions">,
): Promise<void> {
  await redis?.presence.subscribe(topic, (said: unknown) => {
    const { data } = message.safeParse(said);
    if (data) sessions.heard(data);
  });
}

/** As `guess-pace.ts` has it. Count and moment of the last guess, which are forgotten after a while. */
const countOne = `
local count = tonumber(redis.call("HGET", KEYS[1], "count") or "0")
local at = tonumber(redis.call("HGET", KEYS[1], "at") or "0")
local how, now, free, first, longest, forget = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
if now - at >= forget then count = 0 end
local wait = 0
if count >= free then wait = math.min(longest, first * 2 ^ math.min(count - free, 40)) end
if how == "try" then
  wait = math.max(0, at + wait - now)
  if count < free then wait = 0 end
  if wait > 0 then return math.ceil(wait) end
end
redis.call("HSET", KEYS[1], "count", count + 1, "at", ARGV[2])
redis.call("PEXPIRE", KEYS[1], forget)
return math.ceil(wait)`;
const giveOneBack = `
if redis.call("EXISTS", KEYS[1]) == 1 then return redis.call("HINCRBY", KEYS[1], "count", -1) end
return 0`;
const keyOf = (key: string): string => `guesses:${key}`;

/** Guesses of passwords, counted over all processes; null: this process is alone. */
export function talliesOver(redis: ClusterRedis | null): SharedTallies | null {
  if (!redis) return null;
  return {
    count: async (key, how, now, { free, firstMs, longestMs, forgetMs }) => {
      const paced = [how, now, free, firstMs, longestMs, forgetMs];
      const wait = await redis.ask((link) => link.eval(countOne, 1, keyOf(key), ...paced));
      return typeof wait === "number" ? wait : null;
    },
    clear: (key) => redis.ask((link) => link.del(keyOf(key))),
    giveBack: (key) => redis.ask((link) => link.eval(giveOneBack, 1, keyOf(key))),
  };
}
