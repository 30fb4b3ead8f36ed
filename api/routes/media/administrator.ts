import type { BackendName } from "../../../core/domain/call/state.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import { revisionOf } from "../../../core/domain/revision.ts";
import type { MediaOrder } from "../../../core/protocol/rest-media.ts";
import type { Context } from "../../endpoint.ts";

/** Throws `forbidden` for whoever may not settle how the organisation's calls run. */
export function requireAdministrator({ principal }: Context<Principal>): void {
  if (!can(principal, "media.order", { org: principal.org })) throw new DomainError("forbidden");
}

/** How the caller's organisation has it now. */
export async function presentOrder({ principal, media }: Context<Principal>): Promise<MediaOrder> {
  return orderOf(await media.chosen(principal.org), media.backends);
}

/** What an organisation chose and is not there any more is left out. */
export function orderOf(own: readonly BackendName[] | null, there: readonly BackendName[]): MediaOrder {
  const backends = [...there];
  return { order: own?.filter((name) => backends.includes(name)) ?? backends, own: own !== null, backends };
}

export function orderRevision({ order, own }: MediaOrder): string {
  return revisionOf(own ? order : null);
}
