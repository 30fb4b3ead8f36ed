import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from "jose";
import { z } from "zod";
import type { Guard } from "../resilience/guard.ts";
import { isTokenFault } from "./verifier.ts";

export interface RemoteKeysOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long to wait for the issuer, in ms. */
  readonly timeoutMs?: number;
  /** For another unknown key the issuer is not asked again for this long, in ms. */
  readonly cooldownMs?: number;
  /** After a failure the issuer is not asked again for this long, in ms. */
  readonly retryMs?: number;
  /** Keys are asked for anew after this long, in ms. */
  readonly freshMs?: number;
  /** The way to the issuer. */
  readonly guard?: Guard | undefined;
}

/**
 * The keys of an OIDC issuer, from its JWKS address. While that cannot be reached, the keys known from
 * before go on being good.
 */
export function remoteKeys(
  url: string,
  {
    now,
    timeoutMs = 3_000,
    cooldownMs = 30_000,
    retryMs = 5_000,
    freshMs = 600_000,
    guard,
  }: RemoteKeysOptions,
): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(url), {
    timeoutDuration: timeoutMs,
    cooldownDuration: cooldownMs,
    cacheMaxAge: freshMs,
    [customFetch]: guard ? guardedFetch(guard) : fetch,
  });
  let failure: { readonly until: number; readonly resolve: JWTVerifyGetKey } | null = null;

  const failed = (error: unknown) => {
    const known = remote.jwks();
    const resolve = known ? createLocalJWKSet(known) : () => Promise.reject(error);
    failure = { until: now() + retryMs, resolve };
    return resolve;
  };

  return async (header, token) => {
    if (failure && now() < failure.until) return failure.resolve(header, token);
    try {
      const key = await remote(header, token);
      failure = null;
      return key;
    } catch (error) {
      if (isTokenFault(error)) throw error;
      return failed(error)(header, token);
    }
  };
}

/** Reads the whole answer within the guard's limits: an issuer may also hang in the middle of it. */
function guardedFetch(guard: Guard): FetchImplementation {
  return (url, { signal: patience, ...options }) =>
    guard.run(async (signal) => {
      const response = await fetch(url, { ...options, signal: AbortSignal.any([signal, patience]) });
      if (response.status >= 500) throw new Error("the issuer has failed");
      return new Response(await response.text(), response);
    });
}

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * The keys of an OIDC issuer that is asked where they are (OpenID Connect Discovery 1.0), at the first token. While it cannot be
 * asked, and nothing was known, tokens of it are neither good nor bad.
 */
export function discoveredKeys(issuer: string, options: RemoteKeysOptions): JWTVerifyGetKey {
  const { now, timeoutMs = 3_000, retryMs = 5_000, guard } = options;
  const ask = guard ? guardedFetch(guard) : fetch;
  let keys: Promise<JWTVerifyGetKey> | null = null;
  let failedAt = Number.NEGATIVE_INFINITY;
  const find = async (): Promise<JWTVerifyGetKey> => {
    const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
    const signal = AbortSignal.timeout(timeoutMs);
    const init = { method: "GET" as const, headers: new Headers(), redirect: "manual" as const, signal };
    const response = await ask(address, init);
    const said = discovery.parse(await response.json());
    if (said.issuer !== issuer) throw new Error("the issuer says that it is another one");
    if (issuer.startsWith("https:") && !said.jwks_uri.startsWith("https:")) {
      throw new Error("the issuer's keys are not behind TLS");
    }
    return remoteKeys(said.jwks_uri, options);
  };
  return async (header, token) => {
    if (!keys && now() - failedAt < retryMs) throw new Error("the issuer could not be asked a moment ago");
    keys ??= find();
    try {
      return await (await keys)(header, token);
    } catch (error) {
      if (isTokenFault(error)) throw error;
      // Where the keys are found, what they do in an outage is theirs.
      await keys.catch(() => {
        keys = null;
        failedAt = now();
      });
      throw error;
    }
  };
}
