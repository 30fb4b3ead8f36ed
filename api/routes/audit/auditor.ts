import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { Context } from "../../endpoint.ts";
import type { AuditReader } from "../../records-port.ts";

/** The audit for somebody who may see it, once that is recorded itself. Throws `forbidden`. */
export async function auditFor(
  action: Action,
  { principal, records, trace }: Context<Principal>,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<AuditReader> {
  if (!can(principal, action, { org: principal.org })) throw new DomainError("forbidden");
  await trace([{ detail }]);
  return records.audit;
}
