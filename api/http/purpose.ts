import { purposeOf } from "../../core/domain/audit/purpose.ts";
import { hasRole, type Principal } from "../../core/domain/principal.ts";
import type { Context } from "../endpoint.ts";

const stated = /^[a-z][a-z0-9._-]{0,63}$/;

/** Why this request looks at somebody's data: what an integrator says of it in the header `X-Purpose`, or what the reader's role is there for. */
export function purposeBy(
  principal: Principal | null,
  { incoming }: Pick<Context<Principal | null>, "incoming">,
): string {
  if (principal === null) return "participation";
  const said = hasRole(principal, "integrator") ? incoming.header("x-purpose") : undefined;
  return said !== undefined && stated.test(said) ? said : purposeOf(principal);
}
