import { createLocalJWKSet, createRemoteJWKSet, type JWTVerifyGetKey } from "jose";
import { isTokenFault } from "./verifier.ts";

export interface RemoteKeysOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long to wait for the issuer, in ms. */
  readonly timeoutMs?: number;
  /** After a failure, or for another unknown key, the issuer is not asked again for this long, in ms. */
  readonly cooldownMs?: number;
  /** Keys are asked for anew after this long, in ms. */
  readonly freshMs?: number;
}

/**
 * The keys of an OIDC issuer, from its JWKS address. While that cannot be reached, the keys known from
 * before go on being good.
 */
export function remoteKeys(
  url: string,
  { now, timeoutMs = 3_000, cooldownMs = 30_000, freshMs = 600_000 }: RemoteKeysOptions,
): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: freshMs,
  });
  let failure: { readonly until: number; readonly error: unknown } | null = null;

  return async (header, token) => {
    if (!failure || now() >= failure.until) {
      try {
        const key = await remote(header, token);
        failure = null;
        return key;
      } catch (error) {
        if (isTokenFault(error)) throw error;
        failure = { until: now() + cooldownMs, error };
      }
    }
    const known = remote.jwks();
    if (!known) throw failure.error;
    return createLocalJWKSet(known)(header, token);
  };
}
