import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import { can, isAction } from "../../core/domain/policy.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { isStaff, type QueueState } from "../../core/domain/queue/state.ts";

/** Whether this person may do this in this queue, now. */
export function authoriseQueue(
  state: QueueState,
  { name }: Pick<Command, "name">,
  by: Principal,
): Rejection | null {
  const resource = { org: by.org, staff: isStaff(state, by.id) };
  return isAction(name) && can(by, name, resource) ? null : rejection("forbidden");
}

/** Whether this person runs this queue, and sees everyone in it. */
export function runsQueue(state: QueueState, by: Principal): boolean {
  return authoriseQueue(state, { name: "queue.call" }, by) === null;
}
