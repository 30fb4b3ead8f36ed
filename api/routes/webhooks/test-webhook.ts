import { webhookParams, webhookTest } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { requireManager } from "./manager.ts";

export const testWebhook = endpoint({
  id: "testWebhook",
  method: "post",
  path: "/v1/webhooks/:id/test",
  tag: "webhooks",
  summary: "Send a test event, once and at once",
  description: "It has the type `webhook.test` and is signed like any other. The answer says how it went.",
  limited: true,
  input: { params: webhookParams },
  reply: webhookTest,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    requireManager(context);
    return context.webhooks.test(context.principal.org, id);
  },
});
