import type { Factor } from "./factors.ts";
import type { Scope } from "./scopes.ts";

export const roles = [
  "patient",
  "guest",
  "clinician",
  "desk",
  "admin",
  "operator",
  "auditor",
  "integrator",
  "system",
] as const;

/** What a person is in an organisation. `system` is the engine itself and can never be signed in as. */
export type Role = (typeof roles)[number];

/** Who asks. Made from a verified token, never from what a client says about itself. */
export interface Principal {
  readonly org: string;
  /** The person's id, unique over all organisations. */
  readonly id: string;
  /** Shown to others in a room. */
  readonly name: string;
  readonly roles: readonly Role[];
  /** The sign-in this principal acts under; ending it closes its sockets. */
  readonly session: string;
  /** What was shown at that sign-in; none where it was an invitation, or is not known. */
  readonly factors?: readonly Factor[] | undefined;
  /** Of an integrator: what it may do of what its role allows. */
  readonly scopes?: readonly Scope[] | undefined;
}

export function systemPrincipal(org: string): Principal {
  return { org, id: "system", name: "HugMeDo", roles: ["system"], session: "system" };
}

export function hasRole(principal: Principal, ...wanted: readonly Role[]): boolean {
  return wanted.some((role) => principal.roles.includes(role));
}
