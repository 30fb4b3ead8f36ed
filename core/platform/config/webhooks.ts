import { z } from "zod";
import { isRange, privateRanges } from "../net/addresses.ts";

export const webhookSettings = z.object({
  WEBHOOK_ALLOW_PRIVATE: z
    .string()
    .transform((text) => (text === "1" ? [...privateRanges] : text.split(",")))
    .refine((ranges) => ranges.every(isRange), "1, or ranges like 10.0.0.0/8, separated by commas")
    .default([]),
});

type WebhookSettings = z.infer<typeof webhookSettings>;

export interface WebhookConfig {
  /** Ranges (CIDR) of private networks that webhooks may be sent to. */
  readonly webhookNetworks: readonly string[];
}

export function webhookConfig(e: WebhookSettings): WebhookConfig {
  return { webhookNetworks: e.WEBHOOK_ALLOW_PRIVATE };
}
