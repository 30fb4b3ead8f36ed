import { z } from "zod";
import { type Role, roles } from "../../domain/principal.ts";
import { ConfigError } from "./config-error.ts";
import { webUrl } from "./values.ts";

/** `doctors=clinician,reception=desk` */
const rolesMap = z
  .string()
  .regex(/^[^=,]+=[a-z]+(,[^=,]+=[a-z]+)*$/, "names and our roles, like doctors=clinician,reception=desk")
  .transform((text) => text.split(",").map((pair) => pair.split("=").map((part) => part.trim())))
  .pipe(z.array(z.tuple([z.string(), z.enum(roles).exclude(["system", "guest"])])))
  .transform((pairs) => Object.fromEntries(pairs));

export const identitySettings = z.object({
  TOKEN_AUDIENCE: z.string().min(1).default("hugmedo"),
  OIDC_ISSUER: webUrl.optional(),
  OIDC_JWKS: webUrl.optional(),
  OIDC_AUDIENCE: z.string().min(1).optional(),
  OIDC_AUDIENCE_CLAIM: z.enum(["aud", "client_id"]).default("aud"),
  OIDC_TOKEN_TYPE: z.string().default("at+jwt"),
  OIDC_ORG: z.string().min(1).optional(),
  OIDC_ORG_CLAIM: z.string().min(1).optional(),
  OIDC_ROLES_MAP: rolesMap.optional(),
  OIDC_ROLES_CLAIM: z.string().min(1).default("roles"),
});

type IdentitySettings = z.infer<typeof identitySettings>;

export interface IdentityConfig {
  readonly tokenAudience: string;
  /** An issuer besides our own whose tokens are taken; null: none. */
  readonly oidc: OidcConfig | null;
}

export interface OidcConfig {
  readonly issuer: string;
  /** Where its keys are; null: it is asked (OpenID Connect Discovery). */
  readonly jwks: string | null;
  readonly audience: string;
  readonly audienceClaim: "aud" | "client_id";
  /** The `typ` of its access tokens; null: they have none that says so (Cognito). */
  readonly tokenType: string | null;
  /** The organisation of everyone who comes from there, or the claim that names it. */
  readonly org: string | { readonly claim: string };
  /** The claim that lists a person's roles. */
  readonly rolesClaim: string;
  /** What those are called here; null: the same. */
  readonly rolesMap: Readonly<Record<string, Role>> | null;
}

export function identityConfig(e: IdentitySettings): IdentityConfig {
  return { tokenAudience: e.TOKEN_AUDIENCE, oidc: oidcOf(e) };
}

function oidcOf(e: IdentitySettings): OidcConfig | null {
  const { OIDC_ISSUER: issuer, OIDC_JWKS: jwks = null, OIDC_AUDIENCE: audience } = e;
  const org = e.OIDC_ORG_CLAIM === undefined ? e.OIDC_ORG : { claim: e.OIDC_ORG_CLAIM };
  if (issuer === undefined && jwks === null && audience === undefined && org === undefined) return null;
  if (issuer === undefined || audience === undefined || org === undefined) {
    throw new ConfigError(
      "OIDC_ISSUER, OIDC_AUDIENCE and OIDC_ORG (or OIDC_ORG_CLAIM) belong together. Set all or none.",
    );
  }
  if (e.OIDC_ORG !== undefined && e.OIDC_ORG_CLAIM !== undefined) {
    throw new ConfigError(
      "OIDC_ORG: everyone's organisation is either the same or in a claim. Set one of them.",
    );
  }
  const tokenType = e.OIDC_TOKEN_TYPE === "any" ? null : e.OIDC_TOKEN_TYPE;
  return {
    issuer,
    jwks,
    audience,
    audienceClaim: e.OIDC_AUDIENCE_CLAIM,
    tokenType,
    org,
    rolesClaim: e.OIDC_ROLES_CLAIM,
    rolesMap: e.OIDC_ROLES_MAP ?? null,
  };
}
