import { z } from "zod";
import { eventCursor, typePattern } from "./rest-events.ts";
import { at, digits, limit, page } from "./rest-parts.ts";

const url = z.string().min(1).max(2_048);
const types = z.array(typePattern).min(1).max(100);

export const webhook = z.object({
  id: z.string(),
  url: z.string(),
  types: z.array(z.string()),
  /** `paused`: by you, or after days of failures; events wait, and are sent once it is active again. `disabled`: it answered 410. */
  state: z.enum(["active", "paused", "disabled"]),
  /** Why it is not active: `by_hand`, `failing`, `gone`. */
  reason: z.string().nullable(),
  /** Since when no delivery has got through; null: the last one did. */
  failingSince: at.nullable(),
  createdAt: at,
});
export type WebhookView = z.output<typeof webhook>;

export const webhookList = page(webhook);

/** The secret is shown this once. */
export const newWebhook = z.object({ webhook, secret: z.string() });

export const createWebhook = z.object({ url, types: types.default(["*"]) });
export const changeWebhook = z
  .object({ url: url.optional(), types: types.optional(), state: z.enum(["active", "paused"]).optional() })
  .refine((change) => Object.keys(change).length > 0, "nothing to change");

export const webhookSecret = z.object({
  secret: z.string(),
  /** Until then what is sent is signed with both. */
  formerUntil: at,
});

export const webhookTest = z.object({
  delivered: z.boolean(),
  status: z.int().nullable(),
  fault: z.string().nullable(),
  advice: z.string().nullable(),
});

export const replayWebhook = z.object({
  /** Events after it are sent again. */
  after: eventCursor,
});

export const delivery = z.object({
  id: z.int(),
  /** The event's id, and the `webhook-id` of every try. */
  event: z.string(),
  type: z.string(),
  room: z.object({ kind: z.string(), id: z.string() }),
  seq: z.int(),
  state: z.enum(["pending", "delivered", "dead"]),
  attempts: z.int(),
  /** Of the last answer; null: none came. */
  status: z.int().nullable(),
  /**
   * What was wrong with the last try: `status`, `timeout`, `unresolved`, `unreachable`, `malformed`, `refused`, `tls`, `tls_timeout`,
   * `certificate_expired`, `certificate_early`, `certificate_untrusted`, `certificate_name`. More may be added.
   */
  fault: z.string().nullable(),
  /** What to do about it, in words. */
  advice: z.string().nullable(),
  triedAt: at.nullable(),
  createdAt: at,
});
export type DeliveryView = z.output<typeof delivery>;

export const deliveryList = page(delivery);

export const webhookParams = z.object({ id: z.string().regex(/^[a-z0-9-]{1,32}$/) });
export const deliveryParams = webhookParams.extend({ delivery: digits.pipe(z.int()) });
export const deliveriesQuery = z.object({
  state: z.enum(["pending", "delivered", "dead"]).optional(),
  /** Newest first: those before this one. */
  after: digits.pipe(z.int()).optional(),
  limit,
});
