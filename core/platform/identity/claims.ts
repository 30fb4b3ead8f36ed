import { createHash } from "node:crypto";
import type { JWTPayload } from "jose";
import { z } from "zod";
import { factors } from "../../domain/factors.ts";
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

/** Claims that say that a token is for something else than access (Cognito's `token_use`). */
const oidcClaims = z.object({
  iss: z.string(),
  sub: z.string().min(1),
  token_use: z.literal("access").optional(),
  name: z.string().optional(),
  preferred_username: z.string().optional(),
  sid: z.string().optional(),
  origin_jti: z.string().optional(),
});

export interface OidcMapping {
  /** The organisation of everyone whose tokens come from this issuer. */
  readonly org: string;
  /** Where the roles are: a claim with a list of names, of which ours are taken. */
  readonly rolesClaim: string;
}

/** The claims of any OIDC provider. Subjects that are not ids of ours become one by hashing. */
export function oidcPrincipal({ org, rolesClaim }: OidcMapping): ClaimsMapping {
  return (claims) => {
    const parsed = oidcClaims.safeParse(claims);
    if (!parsed.success) return null;
    const { iss, sub, name, preferred_username, sid, origin_jti } = parsed.data;
    const id = `x-${createHash("sha256").update(`${iss}\n${sub}`).digest("hex").slice(0, 30)}`;
    return {
      id,
      org,
      name: name ?? preferred_username ?? id,
      roles: rolesIn(claims[rolesClaim]),
      session: `${iss} ${sid ?? origin_jti ?? sub}`,
    };
  };
}

function rolesIn(claim: unknown): Role[] {
  return Array.isArray(claim) ? grantable.filter((role) => claim.includes(role)) : [];
}

function scopesIn(scope: string): Scope[] {
  return scope.split(" ").filter(isScope);
}
