import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { NewAuditEntry } from "../../../core/platform/repositories/audit.ts";
import type { Context } from "../../endpoint.ts";
import type { RecordsPort } from "../../records-port.ts";

/** The records for somebody who may look after them. Throws `forbidden`. */
export function recordsFor(action: Action, { principal, records }: Context<Principal>): RecordsPort {
  if (!can(principal, action, { org: principal.org })) throw new DomainError("forbidden");
  return records;
}

/** Likewise, once the act is recorded: none goes without its entry. */
export async function recordsToChange(
  action: Action,
  context: Context<Principal>,
  act: Pick<NewAuditEntry, "room" | "subject" | "detail">,
): Promise<RecordsPort> {
  const records = recordsFor(action, context);
  const { org, id: actor } = context.principal;
  await context.audit.record({ org, actor, action, ...act });
  return records;
}
