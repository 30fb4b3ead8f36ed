import { delivery, deliveryParams } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const resendDelivery = endpoint({
  id: "resendDelivery",
  method: "post",
  path: "/v1/webhooks/:id/deliveries/:delivery/resend",
  tag: "webhooks",
  summary: "Send an event again",
  description:
    "A dead letter, or one that was delivered; with the same id, before what else waits in its room.",
  limited: true,
  input: { params: deliveryParams },
  reply: delivery,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id, delivery: number } }, context) => {
    requireManager(context);
    await recordChange(context, "resend", { webhook: id, delivery: number });
    return context.webhooks.resend(context.principal.org, id, number);
  },
});
