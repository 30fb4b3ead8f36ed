import { webhookParams } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const removeWebhook = endpoint({
  id: "removeWebhook",
  method: "delete",
  path: "/v1/webhooks/:id",
  tag: "webhooks",
  summary: "Send nothing more",
  status: 204,
  limited: true,
  input: { params: webhookParams },
  reply: null,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    requireManager(context);
    await recordChange(context, "remove", { webhook: id });
    await context.webhooks.remove(context.principal.org, id);
    return null;
  },
});
