import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { z } from "zod";
import { type Factor, factors } from "../../domain/factors.ts";
import { type Principal, type Role, roles } from "../../domain/principal.ts";
import { roomIdPattern } from "../../domain/room.ts";
import { isScope, type Scope } from "../../domain/scopes.ts";

/** Whom a token's claims stand for; null when they do not say it in a form that can be trusted. */
export type ClaimsMapping = (claims: JWTPayload) => Principal | null;

/** `system` is the engine itself: no token can carry it. */
const grantable = roles.filter((role) => role !== "system");

const localClaims = z.object({
  sub: z.string().regex(roomIdPattern),
  org: z.string().regex(roomIdPattern),
  name: z.string(),
  roles: z.array(z.enum(grantable)),
  sid: z.string().min(1),
  amr: z.array(z.enum(factors)).optional(),
  /** As RFC 9068 has it: names, parted by spaces. */
  scope: z.string().optional(),
});

/** The claims of our own issuer. */
export const localPrincipal: ClaimsMapping = (claims) => {
  const parsed = localClaims.safeParse(claims);
  if (!parsed.success) return null;
  const { sub, org, name, roles, sid, amr, scope } = parsed.data;
  return {
    id: sub,
    org,
    name,
    roles,
    session: sid,
    ...(amr && { factors: amr }),
    ...(scope !== undefined && { scopes: scopesIn(scope) }),
  };
};

/**
 * Claims that say that a token is for something else than access: Cognito's `token_use`, Keycloak's `typ` ("ID", "Refresh", "Logout", …), and
 * the hashes that ID tokens alone have (OpenID Connect Core, 3.1.3.6). An ID token is often for the same audience.
 */
const oidcClaims = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  token_use: z.literal("access").optional(),
  typ: z.literal("Bearer").optional(),
  at_hash: z.never().optional(),
  c_hash: z.never().optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  amr: z.array(z.string()).optional(),
  acr: z.string().optional(),
  scope: z.string().optional(),
});

export interface OidcMapping {
  /** The organisation of everyone whose tokens come from this issuer, or the claim that names it. */
  readonly org: string | { readonly claim: string };
  /** Where the roles are: a claim with a list of names, or with one name. */
  readonly rolesClaim: string;
  /** What those names stand for here; null: they are our own. */
  readonly rolesMap?: Readonly<Record<string, Role>> | null;
}

/** The claims of any OIDC provider. Subjects that are not ids of ours become one by hashing, and so do their sessions. */
export function oidcPrincipal({ org: where, rolesClaim, rolesMap = null }: OidcMapping): ClaimsMapping {
  return (claims) => {
    const parsed = oidcClaims.safeParse(claims);
    const org = typeof where === "string" ? where : claims[where.claim];
    if (!parsed.success || typeof org !== "string" || !roomIdPattern.test(org)) return null;
    const { iss, sub, name, preferred_username, amr, acr, scope } = parsed.data;
    const id = `x-${hashOf(iss, sub)}`;
    const factors = evidenceIn(amr ?? [], acr);
    return {
      id,
      org,
      name: displayName(name ?? preferred_username) ?? id,
      roles: rolesIn(claims[rolesClaim], rolesMap),
      session: `x-${hashOf(iss, oidcSession(claims) ?? sub)}`,
      ...(factors.length > 0 && { factors }),
      ...(scope !== undefined && { scopes: scopesIn(scope.replaceAll(/\S*\//g, "")) }),
    };
  };
}

/** What tells this sign-in apart from others of the same person; null: nothing, so it cannot be ended here. */
export function oidcSession({ sid, origin_jti, sub, auth_time }: JWTPayload): string | null {
  if (typeof sid === "string" && sid !== "") return sid;
  if (typeof origin_jti === "string" && origin_jti !== "") return origin_jti;
  return typeof auth_time === "number" ? `${sub} ${auth_time}` : null;
}

/** RFC 8176, and the classes by which providers say that more than a password was shown. */
const second: readonly string[] = ["otp", "mfa", "hwk", "swk", "sms"];
const secondClasses: readonly string[] = [
  "phr",
  "phrh",
  "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
];

function evidenceIn(amr: readonly string[], acr: string | undefined): Factor[] {
  const more = amr.some((one) => second.includes(one)) || (acr !== undefined && secondClasses.includes(acr));
  return [...(amr.includes("pwd") ? (["pwd"] as const) : []), ...(more ? (["otp"] as const) : [])];
}

/** As others see it: no control characters, and not endless. */
function displayName(name: string | undefined): string | undefined {
  return (
    name
      ?.replaceAll(/\p{Cc}/gu, " ")
      .trim()
      .slice(0, 200) || undefined
  );
}

function hashOf(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 30);
}

function rolesIn(claim: unknown, map: Readonly<Record<string, Role>> | null): Role[] {
  const names = typeof claim === "string" ? claim.split(/[ ,]+/) : Array.isArray(claim) ? claim : [];
  const wanted = map === null ? names : names.map((name) => Object.hasOwn(map, name) && map[name]);
  return grantable.filter((role) => wanted.includes(role));
}

function scopesIn(scope: string): Scope[] {
  return scope.split(" ").filter(isScope);
}
