import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";

type ClientAction = `clients.${"list" | "create" | "change" | "revoke"}`;

/** Throws `forbidden`. */
export function requireClients(principal: Principal, action: ClientAction): void {
  if (!can(principal, action, { org: principal.org })) throw new DomainError("forbidden");
}
