import { hasRole, type Principal, type Role } from "../../core/domain/principal.ts";
import type { Context } from "../endpoint.ts";

/** Why somebody looks, where nothing else says it: the first role that they have of these. */
const purposes: readonly (readonly [Role, string])[] = [
  ["auditor", "audit"],
  ["clinician", "treatment"],
  ["desk", "reception"],
  ["integrator", "integration"],
  ["admin", "administration"],
  ["operator", "administration"],
];
const stated = /^[a-z][a-z0-9._-]{0,63}$/;

type Asking = Pick<Context<Principal>, "principal" | "incoming">;

/** Why this request looks at somebody's data; without `subject`, at nobody's in particular. */
export function purposeFor(asking: Asking, subject?: string | null): string {
  const { principal } = asking;
  return subject === principal.id ? "own" : (statedPurpose(asking) ?? purposeOf(principal));
}

/** What an integrator says of it in the header `X-Purpose`. */
function statedPurpose({ principal, incoming }: Asking): string | null {
  const said = hasRole(principal, "integrator") ? incoming.header("x-purpose") : undefined;
  return said !== undefined && stated.test(said) ? said : null;
}

function purposeOf(principal: Principal): string {
  return purposes.find(([role]) => hasRole(principal, role))?.[1] ?? "participation";
}
