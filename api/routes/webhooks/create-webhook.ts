import { createWebhook as createWebhook_, newWebhook } from "../../../core/protocol/rest-webhooks.ts";
import { endpoint } from "../../endpoint.ts";
import { recordChange, requireManager } from "./manager.ts";

export const createWebhook = endpoint({
  id: "createWebhook",
  method: "post",
  path: "/v1/webhooks",
  tag: "webhooks",
  summary: "Have events sent to an address",
  description:
    "Each event of these types that happens from now on is sent by POST, signed as Standard Webhooks says, at least once and in order " +
    "within its room, for some three days until an answer of 200 to 299 comes. The secret is shown once. Only https, and only " +
    "addresses on the public internet, unless your operator allows others. docs/events.md says how to check a signature.",
  status: 201,
  limited: true,
  input: { body: createWebhook_ },
  reply: newWebhook,
  errors: ["forbidden"],
  handle: async ({ body }, context) => {
    requireManager(context);
    const { principal, webhooks } = context;
    await recordChange(context, "create", { types: body.types });
    return webhooks.create(principal.org, principal.id, body);
  },
});
