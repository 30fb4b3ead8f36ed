import type { BackendName } from "../../../core/domain/call/state.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { mediaOrder, setMediaOrder } from "../../../core/protocol/rest-media.ts";
import { endpoint } from "../../endpoint.ts";
import { orderOf, orderRevision, presentOrder, requireAdministrator } from "./administrator.ts";

export const setOrder = endpoint({
  id: "setMediaOrder",
  method: "put",
  path: "/v1/media/order",
  tag: "media",
  summary: "Choose what carries my organisation's calls",
  description:
    "In the order in which calls try them, of those that the installation has. What is not named is not used for the " +
    "organisation at all. null: the installation's order again. It holds for the next session of each call, everywhere within " +
    "seconds; a session that runs goes on. Every change is recorded.",
  limited: true,
  ifMatch: "optional",
  input: { body: setMediaOrder },
  reply: mediaOrder,
  revision: orderRevision,
  errors: ["forbidden"],
  handle: async ({ body: { order } }, context) => {
    requireAdministrator(context);
    const { principal, media, audit, allowed } = context;
    const { org, id: actor } = principal;
    const missing = order?.filter((name) => !media.backends.includes(name)) ?? [];
    if (missing.length > 0) {
      const had = media.backends.join(", ");
      throw new DomainError("invalid_payload", `This installation has ${had}. Name only those.`);
    }
    await audit.record({ org, actor, action: "media.order", detail: { order } });
    const replaces = (own: readonly BackendName[] | null) =>
      allowed?.includes(orderRevision(orderOf(own, media.backends))) ?? true;
    await media.choose(org, order, allowed ? replaces : undefined);
    return presentOrder(context);
  },
});
