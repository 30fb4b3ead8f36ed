import { randomBytes } from "node:crypto";
import { Webhook as Signer } from "standardwebhooks";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Webhook } from "./webhook-store.ts";

/** A secret as Standard Webhooks writes it: 256 random bits. */
export function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

const context = (id: string): string => `webhook ${id}`;

export function wrapSecret(ring: KeyRing, id: string, secret: string): Promise<Uint8Array> {
  return ring.wrap(Buffer.from(secret), context(id));
}

/** Signs with the secret, and for a day after a rotation with the one before too. */
export async function signedHeaders(
  ring: KeyRing,
  { id, secret, formerSecret, formerUntil }: Pick<Webhook, "id" | "secret" | "formerSecret" | "formerUntil">,
  message: { readonly id: string; readonly body: string },
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const former = formerSecret && (formerUntil ?? 0) > now ? [formerSecret] : [];
  const secrets = await Promise.all([secret, ...former].map((one) => ring.unwrap(one, context(id))));
  const at = new Date(now);
  return {
    "content-type": "application/json",
    "user-agent": "HugMeDo-Webhooks/1",
    "webhook-id": message.id,
    "webhook-timestamp": String(Math.floor(now / 1_000)),
    "webhook-signature": secrets
      .map((one) => new Signer(Buffer.from(one).toString()).sign(message.id, at, message.body))
      .join(" "),
  };
}
