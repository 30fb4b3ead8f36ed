import { DomainError } from "../../../core/domain/errors.ts";
import type { Role } from "../../../core/domain/principal.ts";
import type { ManagedPerson } from "../../../core/platform/repositories/administration.ts";

/** Not an administrator's to change: guests come by invitation, the others are above organisations. */
const beyond: readonly Role[] = ["guest", "operator", "system"];

export function presentPerson({ id, username, name, roles, disabled, demo, revision }: ManagedPerson) {
  return { id, username, name, roles: [...roles], disabled, demo, revision };
}

export function requireManageable({ roles }: Pick<ManagedPerson, "roles">): void {
  if (roles.some((role) => beyond.includes(role))) throw new DomainError("forbidden");
}
