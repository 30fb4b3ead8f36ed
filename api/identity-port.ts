import type { Identity } from "../core/platform/identity/identity.ts";

export type IdentityPort = Pick<
  Identity,
  | "signIn"
  | "challenges"
  | "administer"
  | "confirmPassword"
  | "secondFactors"
  | "secondFactorRoles"
  | "clients"
  | "refresh"
  | "verify"
  | "jwks"
  | "demoAccounts"
  | "people"
  | "guests"
> & {
  readonly sessions: Pick<
    Identity["sessions"],
    "end" | "endByToken" | "isAlive" | "list" | "revoke" | "addFactor"
  >;
};
