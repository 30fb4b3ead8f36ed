import { webhookParams, webhookSecret } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const rotateWebhook = endpoint({
  id: "rotateWebhook",
  method: "post",
  path: "/v1/webhooks/:id/rotate",
  tag: "webhooks",
  summary: "Make a new secret",
  description:
    "For 24 hours both the new and the former one sign what is sent, so that receivers can be changed one after the other.",
  limited: true,
  input: { params: webhookParams },
  reply: webhookSecret,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id } }, context) => {
    requireManager(context);
    await recordChange(context, "rotate", { webhook: id });
    return context.webhooks.rotate(context.principal.org, id);
  },
});
