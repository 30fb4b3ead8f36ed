import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { NewAuditEntry } from "../../../core/platform/repositories/audit.ts";
import type { ClusterControl } from "../../cluster-port.ts";
import type { Context } from "../../endpoint.ts";

/** The cluster for an operator who looks. Throws `forbidden`. */
export function clusterToView(context: Context<Principal>): ClusterControl {
  return clusterFor("cluster.view", context);
}

/** The cluster for an operator who acts, once the act is recorded: none goes without its entry. Throws `forbidden`. */
export async function clusterToControl(
  context: Context<Principal>,
  act: Pick<NewAuditEntry, "action" | "room" | "detail">,
): Promise<ClusterControl> {
  const cluster = clusterFor("cluster.control", context);
  const { org, id: actor } = context.principal;
  await context.audit.record({ org, actor, ...act });
  return cluster;
}

function clusterFor(action: Action, { principal, cluster }: Context<Principal>): ClusterControl {
  if (!can(principal, action, { org: principal.org })) throw new DomainError("forbidden");
  return cluster;
}
