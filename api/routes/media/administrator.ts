import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { MediaOrder } from "../../../core/protocol/rest-media.ts";
import type { Context } from "../../endpoint.ts";

/** Throws `forbidden` for whoever may not settle how the organisation's calls run. */
export function requireAdministrator({ principal }: Context<Principal>): void {
  if (!can(principal, "media.order", { org: principal.org })) throw new DomainError("forbidden");
}

/** How the caller's organisation has it now. What it chose and is not there any more is left out. */
export async function presentOrder({ principal, media }: Context<Principal>): Promise<MediaOrder> {
  const own = await media.chosen(principal.org);
  const backends = [...media.backends];
  const order = own?.filter((name) => backends.includes(name)) ?? backends;
  return { order, own: own !== null, backends };
}
