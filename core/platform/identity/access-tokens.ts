import { randomUUID } from "node:crypto";
import type { Person } from "../repositories/people.ts";
import { localPrincipal } from "./claims.ts";
import { type SigningKeys, signingAlgorithm } from "./signing-keys.ts";
import type { TrustedIssuer } from "./verifier.ts";

/** Our own issuer's access tokens: short-lived, and verified without asking anyone. */
export interface AccessTokens {
  readonly lifetimeSeconds: number;
  issue(person: Person, session: string): Promise<string>;
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
    lifetimeSeconds,
    issue: ({ id, org, name, roles }, session) => {
      const iat = Math.floor(now() / 1_000);
      const who = { sub: id, org, name, roles: [...roles], sid: session };
      return keys.sign({
        iss: issuer,
        aud: audience,
        ...who,
        jti: randomUUID(),
        iat,
        exp: iat + lifetimeSeconds,
      });
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
