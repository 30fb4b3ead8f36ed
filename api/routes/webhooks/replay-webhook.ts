import {
  replayWebhook as replayWebhook_,
  webhook,
  webhookParams,
} from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const replayWebhook = endpoint({
  id: "replayWebhook",
  method: "post",
  path: "/v1/webhooks/:id/replay",
  tag: "webhooks",
  summary: "Send events again from a cursor",
  description:
    "Everything after the cursor that the webhook's types take is sent again, with the same ids: whoever keeps the ids that they have seen takes each once. Nothing happens where the webhook has not come as far as the cursor.",
  limited: true,
  input: { params: webhookParams, body: replayWebhook_ },
  reply: webhook,
  errors: ["forbidden", "not_found"],
  handle: async ({ params: { id }, body: { after } }, context) => {
    requireManager(context);
    await recordChange(context, "replay", { webhook: id });
    return context.webhooks.replay(context.principal.org, id, after);
  },
});
