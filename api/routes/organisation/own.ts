import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";

export function mayDo(principal: Principal, action: Action): void {
  if (!can(principal, action, { org: principal.org })) throw new DomainError("forbidden");
}

/** Of people of another issuer, the organisation need not be known here. */
export function found<T>(organisation: T | null): T {
  if (organisation === null) throw new DomainError("not_found");
  return organisation;
}
