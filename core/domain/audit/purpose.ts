import { hasRole, type Principal, type Role } from "../principal.ts";

/** Why somebody looks at a person's data, as the audit has it. An integrator may say something of its own. */
export type Purpose =
  | "own"
  | "emergency"
  | "treatment"
  | "reception"
  | "administration"
  | "audit"
  | "integration"
  | "participation";

/** Where nothing else says why: the first role that they have of these. */
const ofRoles: readonly (readonly [Role, Purpose])[] = [
  ["auditor", "audit"],
  ["clinician", "treatment"],
  ["desk", "reception"],
  ["integrator", "integration"],
  ["admin", "administration"],
  ["operator", "administration"],
];

/** Why somebody looks who says nothing of it: what their role is there for. */
export function purposeOf(principal: Principal): Purpose {
  return ofRoles.find(([role]) => hasRole(principal, role))?.[1] ?? "participation";
}
