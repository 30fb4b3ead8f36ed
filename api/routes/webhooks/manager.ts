import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { Context } from "../../endpoint.ts";

/** Throws `forbidden` for whoever may not manage the organisation's webhooks. */
export function requireManager({ principal }: Pick<Context<Principal>, "principal">): void {
  if (!can(principal, "webhooks.manage", { org: principal.org })) throw new DomainError("forbidden");
}

/** Every change is recorded, before it is made. */
export async function recordChange(
  { principal, audit }: Pick<Context<Principal>, "principal" | "audit">,
  what: "create" | "change" | "remove" | "rotate" | "replay" | "resend",
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await audit.record({ org: principal.org, actor: principal.id, action: `webhooks.${what}`, detail });
}
