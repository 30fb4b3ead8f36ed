import { deliveriesQuery, deliveryList, webhookParams } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { requireManager } from "./manager.ts";

export const listDeliveries = endpoint({
  id: "listDeliveries",
  method: "get",
  path: "/v1/webhooks/:id/deliveries",
  tag: "webhooks",
  summary: "What was sent, and how it went",
  description:
    "Newest first, of the last 30 days. `state=dead` lists the dead letters: those that were tried for some three days. `pending` wait for their turn or their next try.",
  input: { params: webhookParams, query: deliveriesQuery },
  reply: deliveryList,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id }, query: { state, after, limit } }, context) => {
    requireManager(context);
    const { principal, webhooks } = context;
    const items = await webhooks.deliveries(principal.org, id, { state, before: after, limit: limit + 1 });
    const last = items[limit - 1];
    return { items: items.slice(0, limit), next: items.length > limit && last ? String(last.id) : null };
  },
});
