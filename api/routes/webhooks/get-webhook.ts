import { webhook, webhookParams } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { requireManager } from "./manager.ts";

export const getWebhook = endpoint({
  id: "getWebhook",
  method: "get",
  path: "/v1/webhooks/:id",
  tag: "webhooks",
  summary: "A webhook",
  input: { params: webhookParams },
  reply: webhook,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    requireManager(context);
    return context.webhooks.get(context.principal.org, id);
  },
});
