import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { Context } from "../../endpoint.ts";
import type { AuditReader } from "../../records-port.ts";

/** The audit for somebody who may see it, once that is recorded itself. Throws `forbidden`. */
export async function auditFor(
  action: Action,
  { principal, audit, records }: Context<Principal>,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<AuditReader> {
  const { org, id: actor } = principal;
  if (!can(principal, action, { org })) throw new DomainError("forbidden");
  await audit.record({ org, actor, action, detail: { purpose: "audit", ...detail } });
  return records.audit;
}
