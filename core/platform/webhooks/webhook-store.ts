import { type SqlBool, sql } from "kysely";
import type { PublicEvent } from "../../protocol/rest-events.ts";
import type { Db } from "../database/database.ts";
import type { WebhookState } from "../database/events-tables.ts";
import { readCursor } from "../journal/cursor.ts";
import type { FeedCursor } from "../journal/feed.ts";

/** A webhook as its dispatcher needs it. */
export interface Webhook {
  readonly id: string;
  readonly org: string;
  readonly url: string;
  readonly types: readonly string[];
  readonly secret: Uint8Array;
  readonly formerSecret: Uint8Array | null;
  readonly formerUntil: number | null;
  readonly state: WebhookState;
  readonly failingSince: number | null;
  readonly cursor: FeedCursor;
}

export const webhookColumns = [
  "id",
  "org",
  "url",
  "types",
  "secret",
  "former_secret as formerSecret",
  "former_until as formerUntil",
  "state",
  "reason",
  "failing_since as failingSince",
  "created_at as createdAt",
  "position",
] as const;

export async function findWebhook(db: Db, id: string): Promise<Webhook | null> {
  const row = await db
    .selectFrom("webhook")
    .select([...webhookColumns, sql<string>`tx::text`.as("tx")])
    .where("id", "=", id)
    .executeTakeFirst();
  return row ? { ...row, cursor: { tx: row.tx, position: row.position } } : null;
}

/** Active ones for which there is something new in the feed, of any organisation. */
export async function webhooksBehind(db: Db, limit: number): Promise<readonly string[]> {
  const rows = await db
    .selectFrom("webhook as w")
    .select("id")
    .where("state", "=", "active")
    .where(sql<SqlBool>`exists (
      select from journal j where j.org = w.org and (j.tx, j.position) > (w.tx, w.position)
        and j.tx < feed_horizon()
    )`)
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Whether so many deliveries wait that no more are taken from the feed. */
export async function isFull(db: Db, webhook: string, limit: number): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from (
      select from webhook_delivery where webhook = ${webhook} and state = 'pending' limit ${limit}
    ) d`.execute(db);
  return (rows[0]?.n ?? 0) >= limit;
}

/**
 * Whoever removes the webhook, and all that is its, waits for the end of the transaction; or it is gone already. Locked before what is the
 * webhook's, as its removal does, or the two might wait for each other.
 */
export async function holdWebhook(tx: Db, id: string): Promise<void> {
  await sql`select from webhook where id = ${id} for key share`.execute(tx);
}

/**
 * Puts events in line and moves the webhook's cursor behind them, both or neither. Nothing happens where it stands elsewhere by
 * now: another process was faster, or somebody set it back. What was sent before is sent again.
 */
export async function enqueue(
  db: Db,
  { id, org, cursor }: Webhook,
  items: readonly PublicEvent[],
  next: FeedCursor,
  now: number,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable("webhook")
      .set({ ...next })
      .where("id", "=", id)
      .where("tx", "=", cursor.tx)
      .where("position", "=", cursor.position)
      .where("state", "=", "active")
      .executeTakeFirstOrThrow();
    if (numUpdatedRows !== 1n || items.length === 0) return;
    await tx
      .insertInto("webhook_delivery")
      .values(
        items.map(({ id: event, type, room, seq, cursor }) => ({
          org,
          webhook: id,
          event,
          kind: room.kind,
          room: room.id,
          seq,
          type,
          ...readCursor(cursor),
          status: null,
          fault: null,
          tried_at: null,
          created_at: now,
        })),
      )
      .onConflict((conflict) =>
        conflict
          .columns(["webhook", "event"])
          .doUpdateSet({ state: "pending", attempts: 0, status: null, fault: null })
          .where("webhook_delivery.state", "<>", "pending"),
      )
      .execute();
    await openLanes(tx, { id, org }, items, now);
  });
}

/** Rooms that have nothing to send yet get a lane, which begins now. */
export async function openLanes(
  tx: Db,
  { id, org }: Pick<Webhook, "id" | "org">,
  items: readonly Pick<PublicEvent, "room">[],
  now: number,
): Promise<void> {
  const rooms = new Map(items.map(({ room }) => [`${room.kind} ${room.id}`, room]));
  // In one order, so that two who do this never wait for each other.
  const sorted = [...rooms].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, room]) => room);
  await tx
    .insertInto("webhook_lane")
    .values(
      sorted.map(({ kind, id: room }) => ({
        webhook: id,
        org,
        kind,
        room,
        next_at: now,
        leased_until: null,
        token: null,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["webhook", "kind", "room"])
        // Nothing is changed, but whoever is about to remove it is waited for.
        .doUpdateSet({ next_at: sql<number>`webhook_lane.next_at` }),
    )
    .execute();
}
