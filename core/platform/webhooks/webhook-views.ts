import type { DeliveryView, WebhookView } from "../../protocol/rest-webhooks.ts";
import type { Db } from "../database/database.ts";
import { adviceOn } from "./faults.ts";
import { webhookColumns } from "./webhook-store.ts";

export function selectWebhooks(db: Db, org: string) {
  return db.selectFrom("webhook").select(webhookColumns).where("org", "=", org);
}

export function presentWebhook(
  row: Omit<WebhookView, "state"> & { readonly state: WebhookView["state"] },
): WebhookView {
  const { id, url, types, state, reason, failingSince, createdAt } = row;
  return { id, url, types: [...types], state, reason, failingSince, createdAt };
}

export function selectDeliveries(db: Db, org: string, webhook: string) {
  return db
    .selectFrom("webhook_delivery")
    .select(["id", "event", "type", "kind", "room", "seq", "state", "attempts", "status", "fault"])
    .select(["tried_at as triedAt", "created_at as createdAt"])
    .where("org", "=", org)
    .where("webhook", "=", webhook);
}

export function presentDelivery({
  kind,
  room,
  ...row
}: Omit<DeliveryView, "room" | "advice"> & { readonly kind: string; readonly room: string }): DeliveryView {
  return { ...row, advice: adviceOn(row.fault), room: { kind, id: room } };
}
