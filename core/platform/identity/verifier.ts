import {
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from "jose";
import { DomainError } from "../../domain/errors.ts";
import type { Principal } from "../../domain/principal.ts";
import type { ClaimsMapping } from "./claims.ts";

/** An issuer whose tokens are taken, and what its tokens must be. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Where the audience stands; Cognito's access tokens have it in `client_id`. */
  readonly audienceClaim?: "aud" | "client_id";
  /** What the header's `typ` must be; null: whatever, the mapping must then tell access tokens apart. */
  readonly type: string | null;
  readonly algorithms: readonly string[];
  readonly keys: JWTVerifyGetKey;
  readonly principal: ClaimsMapping;
  /** Takes in somebody who is not known here yet. Throws DomainErrors for whoever may not come. */
  readonly admit?: ((principal: Principal, claims: JWTPayload) => Promise<void>) | undefined;
}

export interface VerifierOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether a sign-in still stands. Asked for every token, so it must not need to wait. */
  readonly sessionAlive: (session: string) => boolean;
}

/**
 * Who holds this access token. Throws `unauthenticated` for any token that is not good, `session_ended`
 * when its sign-in was ended, `unavailable` when its issuer's keys cannot be had.
 */
export type TokenVerifier = (token: string) => Promise<Principal>;

const maxLength = 8_192;
const clockToleranceSeconds = 5;

/** Verifies without the database: signature, algorithm, issuer, audience, type, times, then the session. */
export function createTokenVerifier({ issuers, now, sessionAlive }: VerifierOptions): TokenVerifier {
  const trusted = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
  return async (token) => {
    const issuer = trusted.get(claimedIssuer(token));
    if (!issuer) throw new DomainError("unauthenticated");
    const claims = await verify(token, issuer, new Date(now()));
    const principal = issuer.principal(claims);
    if (!principal) throw new DomainError("unauthenticated");
    if (!sessionAlive(principal.session)) throw new DomainError("session_ended");
    await issuer.admit?.(principal, claims);
    return principal;
  };
}

/** Says only which keys to try: nothing in it is believed yet. */
function claimedIssuer(token: string): string {
  if (token.length > maxLength) throw new DomainError("unauthenticated");
  try {
    return decodeJwt(token).iss ?? "";
  } catch (cause) {
    throw new DomainError("unauthenticated", undefined, { cause });
  }
}

async function verify(token: string, issuer: TrustedIssuer, currentDate: Date) {
  const inClientId = issuer.audienceClaim === "client_id";
  const options: JWTVerifyOptions = {
    issuer: issuer.issuer,
    algorithms: [...issuer.algorithms],
    requiredClaims: ["sub", "iat", "exp"],
    clockTolerance: clockToleranceSeconds,
    currentDate,
    ...(inClientId ? {} : { audience: issuer.audience }),
    ...(issuer.type === null ? {} : { typ: issuer.type }),
  };
  try {
    const { payload } = await jwtVerify(token, issuer.keys, options);
    if (inClientId && payload.client_id !== issuer.audience) throw new DomainError("unauthenticated");
    return payload;
  } catch (cause) {
    if (isTokenFault(cause)) throw new DomainError("unauthenticated", undefined, { cause });
    const retryAfterMs = cause instanceof DomainError ? cause.retryAfterMs : undefined;
    throw new DomainError("unavailable", undefined, { retryAfterMs, cause });
  }
}

const tokenFaults = [
  DomainError,
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** The token is to blame, not the way to its issuer's keys. */
export function isTokenFault(error: unknown): boolean {
  if (error instanceof DomainError && error.code === "unavailable") return false;
  return tokenFaults.some((kind) => error instanceof kind);
}
