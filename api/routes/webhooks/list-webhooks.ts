import { webhookList } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { requireManager } from "./manager.ts";

export const listWebhooks = endpoint({
  id: "listWebhooks",
  method: "get",
  path: "/v1/webhooks",
  tag: "webhooks",
  summary: "My organisation's webhooks",
  input: {},
  reply: webhookList,
  errors: ["forbidden"],
  handle: async (_, context) => {
    requireManager(context);
    return { items: [...(await context.webhooks.list(context.principal.org))], next: null };
  },
});
