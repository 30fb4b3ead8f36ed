import {
  changeWebhook as changeWebhook_,
  webhook,
  webhookParams,
} from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const changeWebhook = endpoint({
  id: "changeWebhook",
  method: "patch",
  path: "/v1/webhooks/:id",
  tag: "webhooks",
  summary: "Change, pause or go on with a webhook",
  description:
    "While it is paused nothing is lost: events wait, and are sent once it is active again. New types hold for what was not taken up yet.",
  limited: true,
  input: { params: webhookParams, body: changeWebhook_ },
  reply: webhook,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id }, body }, context) => {
    requireManager(context);
    await recordChange(context, "change", { webhook: id, changed: Object.keys(body) });
    return context.webhooks.change(context.principal.org, id, body);
  },
});
