import { randomUUID } from "node:crypto";
import type { Scope } from "../../domain/scopes.ts";
import type { Person } from "../repositories/people.ts";
import { localPrincipal } from "./claims.ts";
import type { Grant } from "./sessions.ts";
import { type SigningKeys, signingAlgorithm } from "./signing-keys.ts";
import type { TrustedIssuer } from "./verifier.ts";

export interface AccessToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/** What a token says of its session. */
export type Granted = Pick<Grant, "session" | "startedAt" | "endsAt" | "factors">;

/** Our own issuer's access tokens: short-lived, and verified without asking anyone. */
export interface AccessTokens {
  /** Issues one that is good for its usual life, or until its session ends. */
  issue(person: Person, session: Granted, scopes?: readonly Scope[]): Promise<AccessToken>;
  /** What the verifier needs to take them. */
  readonly trusted: TrustedIssuer;
}

export interface AccessTokensOptions {
  readonly keys: Pick<SigningKeys, "sign" | "resolve">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeMs: number;
}

export function createAccessTokens(options: AccessTokensOptions): AccessTokens {
  const { keys, now, issuer, audience, lifetimeMs } = options;
  const lifetimeSeconds = Math.floor(lifetimeMs / 1_000);
  return {
    issue: async ({ id, org, name, roles }, { session, startedAt, endsAt, factors }, scopes) => {
      const iat = Math.floor(now() / 1_000);
      const expiresInSeconds = Math.min(lifetimeSeconds, Math.ceil(endsAt / 1_000) - iat);
      const who = { sub: id, org, name, roles: [...roles], sid: session };
      const token = await keys.sign({
        iss: issuer,
        aud: audience,
        ...who,
        ...(scopes && { client_id: id, scope: scopes.join(" ") }),
        ...(factors.length > 0 && { amr: [...factors], auth_time: Math.floor(startedAt / 1_000) }),
        jti: randomUUID(),
        iat,
        exp: iat + expiresInSeconds,
      });
      return { token, expiresInSeconds };
    },
    trusted: {
      issuer,
      audience,
      type: "at+jwt",
      algorithms: [signingAlgorithm],
      keys: keys.resolve,
      principal: localPrincipal,
    },
  };
}
