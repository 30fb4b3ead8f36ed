import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { isRoomKind } from "../../domain/room.ts";
import type { DeliveryView, WebhookView } from "../../protocol/rest-webhooks.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Database } from "../database/database.ts";
import type { DeliveryState } from "../database/events-tables.ts";
import { readCursor } from "../journal/cursor.ts";
import type { JournalFeed } from "../journal/feed.ts";
import { type Outbound, OutboundRefused } from "../net/outbound.ts";
import { adviceOn } from "./faults.ts";
import { send, type Try } from "./send.ts";
import { newSecret, wrapSecret } from "./signing.ts";
import { findWebhook, holdWebhook, hurryLanes, openLanes, type Webhook } from "./webhook-store.ts";
import { presentDelivery, presentWebhook, selectDeliveries, selectWebhooks } from "./webhook-views.ts";

/** An organisation's webhooks, for its administrators. Throws `not_found` for those of others, `invalid_payload`. */
export interface Webhooks {
  /** It gets what happens from now on. */
  create(
    org: string,
    by: string,
    wanted: { readonly url: string; readonly types: readonly string[] },
  ): Promise<{
    readonly webhook: WebhookView;
    readonly secret: string;
  }>;
  list(org: string): Promise<readonly WebhookView[]>;
  get(org: string, id: string): Promise<WebhookView>;
  change(org: string, id: string, change: WebhookChange): Promise<WebhookView>;
  remove(org: string, id: string): Promise<void>;
  /** A new secret; for a day both sign. */
  rotate(org: string, id: string): Promise<{ readonly secret: string; readonly formerUntil: number }>;
  /** Sends an event that is none, once and at once. */
  test(
    org: string,
    id: string,
  ): Promise<Pick<Try, "delivered" | "status" | "fault"> & { readonly advice: string | null }>;
  /** Sends what came after a cursor again, with the same ids. */
  replay(org: string, id: string, after: string): Promise<WebhookView>;
  /** Newest first. */
  deliveries(org: string, id: string, query: DeliveriesQuery): Promise<readonly DeliveryView[]>;
  /** Sends one again that is a dead letter, or was delivered. */
  resend(org: string, id: string, delivery: number): Promise<DeliveryView>;
}

export interface WebhookChange {
  readonly url?: string | undefined;
  readonly types?: readonly string[] | undefined;
  readonly state?: "active" | "paused" | undefined;
}

export interface DeliveriesQuery {
  readonly state?: DeliveryState | undefined;
  /** Those before this one. */
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface WebhooksParts extends Pick<Database, "db" | "tenants"> {
  readonly feed: Pick<JournalFeed, "end">;
  readonly outbound: Outbound;
  readonly ring: KeyRing;
  readonly now: () => number;
  /** There is something to send. */
  readonly wake: () => void;
}

const mostOfOrg = 20;
const bothSignMs = 24 * 3_600_000;

export function createWebhooks(parts: WebhooksParts): Webhooks {
  const { db, tenants, feed, outbound, ring, now, wake } = parts;

  const assertUrl = async (url: string): Promise<void> => {
    try {
      await outbound.check(url);
    } catch (error) {
      if (error instanceof OutboundRefused) throw new DomainError("invalid_payload", `url: ${error.message}`);
      throw error;
    }
  };

  const own = async (org: string, id: string): Promise<Webhook> => {
    const found = await findWebhook(tenants(org), id);
    if (!found || found.org !== org) throw new DomainError("not_found");
    return found;
  };

  /** As the engine, after it was seen whose webhook it is. */
  const hurry = (id: string): Promise<void> =>
    db.transaction().execute(async (tx) => {
      await holdWebhook(tx, id);
      await hurryLanes(tx, id, now());
    });

  const get = async (org: string, id: string): Promise<WebhookView> => {
    const row = await selectWebhooks(tenants(org), org).where("id", "=", id).executeTakeFirst();
    if (!row) throw new DomainError("not_found");
    return presentWebhook(row);
  };

  return {
    get,
    create: async (org, by, { url, types }) => {
      await assertUrl(url);
      const id = randomBytes(12).toString("hex");
      const secret = newSecret();
      const row = {
        ...{ id, org, url, types: [...types], created_by: by, created_at: now() },
        ...{ secret: await wrapSecret(ring, id, secret), former_secret: null, former_until: null },
        ...{ ...(await feed.end()), reason: null, failing_since: null },
      };
      await tenants(org)
        .transaction()
        .execute(async (tx) => {
          const have = await tx.selectFrom("webhook").select("id").where("org", "=", org).execute();
          if (have.length >= mostOfOrg)
            throw new DomainError("invalid_payload", `There are ${mostOfOrg} webhooks. Remove one first.`);
          await tx.insertInto("webhook").values(row).execute();
        });
      return { webhook: await get(org, id), secret };
    },
    list: async (org) => {
      const rows = await selectWebhooks(tenants(org), org).orderBy("created_at").orderBy("id").execute();
      return rows.map(presentWebhook);
    },
    change: async (org, id, { url, types, state }) => {
      await own(org, id);
      if (url !== undefined) await assertUrl(url);
      await tenants(org)
        .updateTable("webhook")
        .set({
          ...(url !== undefined && { url }),
          ...(types !== undefined && { types: [...types] }),
          ...(state === "paused" && { state, reason: "by_hand" }),
          // What failed before is forgotten: it has all the time again.
          ...(state === "active" && { state, reason: null, failing_since: null }),
        })
        .where("org", "=", org)
        .where("id", "=", id)
        .execute();
      if (state === "active") await hurry(id);
      wake();
      return get(org, id);
    },
    remove: async (org, id) => {
      const gone = await tenants(org)
        .deleteFrom("webhook")
        .where("org", "=", org)
        .where("id", "=", id)
        .executeTakeFirstOrThrow();
      if (gone.numDeletedRows === 0n) throw new DomainError("not_found");
    },
    rotate: async (org, id) => {
      const { secret: former } = await own(org, id);
      const secret = newSecret();
      const formerUntil = now() + bothSignMs;
      await tenants(org)
        .updateTable("webhook")
        .set({
          secret: await wrapSecret(ring, id, secret),
          former_secret: former,
          former_until: formerUntil,
        })
        .where("org", "=", org)
        .where("id", "=", id)
        .execute();
      return { secret, formerUntil };
    },
    test: async (org, id) => {
      const webhook = await own(org, id);
      const at = now();
      const message = {
        id: `test_${randomBytes(12).toString("hex")}`,
        type: "webhook.test",
        version: 1,
        at,
        org,
      };
      const timestamp = new Date(at).toISOString();
      const body = JSON.stringify({ ...message, timestamp, data: {} });
      const { delivered, status, fault } = await send(parts, webhook, { id: message.id, body }, at);
      return { delivered, status, fault, advice: adviceOn(fault) };
    },
    replay: async (org, id, after) => {
      await own(org, id);
      // Never forward: that would leave events out.
      const { tx, position } = readCursor(after);
      await sql`update webhook set tx = ${tx}::xid8, position = ${position}
        where id = ${id} and org = ${org} and (tx, position) > (${tx}::xid8, ${position}::bigint)`.execute(
        tenants(org),
      );
      await hurry(id);
      wake();
      return get(org, id);
    },
    deliveries: async (org, id, { state, before, limit }) => {
      await own(org, id);
      const rows = await selectDeliveries(tenants(org), org, id)
        .$if(state !== undefined, (query) => query.where("state", "=", state ?? "dead"))
        .$if(before !== undefined, (query) => query.where("id", "<", before ?? 0))
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
      return rows.map(presentDelivery);
    },
    resend: async (org, id, delivery) => {
      await own(org, id);
      // The engine's, as it also moves the lane; it is this organisation's webhook, as was seen.
      await db.transaction().execute(async (tx) => {
        await holdWebhook(tx, id);
        const row = await tx
          .updateTable("webhook_delivery")
          .set({ state: "pending", attempts: 0 })
          .where("id", "=", delivery)
          .where("webhook", "=", id)
          .where("org", "=", org)
          .where("state", "<>", "pending")
          .returning(["kind", "room"])
          .executeTakeFirst();
        if (!row || !isRoomKind(row.kind)) return;
        await openLanes(tx, { id, org }, [{ room: { kind: row.kind, id: row.room } }], now());
        await hurryLanes(tx, id, now(), row);
      });
      wake();
      const row = await selectDeliveries(tenants(org), org, id).where("id", "=", delivery).executeTakeFirst();
      if (!row) throw new DomainError("not_found");
      return presentDelivery(row);
    },
  };
}
