import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { Context } from "../../endpoint.ts";

/**
 * Throws `forbidden` for who may not do this with others' sign-ins, and `not_found` where there is no such person in their
 * organisation.
 */
export async function requirePerson(
  { principal, identity }: Pick<Context<Principal>, "principal" | "identity">,
  action: Action,
  person: string,
): Promise<void> {
  if (!can(principal, action, { org: principal.org, person })) throw new DomainError("forbidden");
  if (!(await identity.people.find(principal.org, person))) throw new DomainError("not_found");
}
