import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";
import { holdWebhook, type Webhook } from "./webhook-store.ts";

/** The deliveries of one room to one webhook, for as long as this process has them to itself. */
export interface Lane {
  readonly webhook: string;
  readonly ref: RoomRef;
  /** Of the lease: whoever has another has lost it. */
  readonly token: string;
}

export interface Pending {
  readonly id: number;
  readonly event: string;
  readonly seq: number;
  readonly attempts: number;
}

/** How a try went. `pauseMs`: until the next one; null: it is a dead letter. */
export type Settlement =
  | { readonly delivered: true; readonly status: number }
  | {
      readonly delivered: false;
      readonly status: number | null;
      readonly fault: string;
      readonly pauseMs: number | null;
    };

export interface Lanes {
  /** Webhooks with lanes whose time has come and that nobody has. */
  due(now: number): Promise<readonly string[]>;
  take(webhook: string, count: number, now: number): Promise<readonly Lane[]>;
  /** The delivery whose turn it is; null: none is left. */
  head(lane: Lane): Promise<Pending | null>;
  /**
   * Notes how a try went. Whether the lane is still ours and has more to do at once: the lease is as long again then, else it is
   * given back.
   */
  settle(lane: Lane, pending: Pending, how: Settlement, now: number): Promise<boolean>;
  /** Gives a lane back, to be looked at again at a time. */
  release(lane: Lane, nextAt: number): Promise<void>;
}

const dueAtOnce = 200;

export function createLanes(db: Db, leaseMs: number): Lanes {
  const place = ({ webhook, ref, token }: Lane) =>
    sql`webhook = ${webhook} and kind = ${ref.kind} and room = ${ref.id} and token = ${token}`;

  const nextOf = async (tx: Db, { webhook, ref }: Lane): Promise<Pending | null> => {
    const row = await tx
      .selectFrom("webhook_delivery")
      .select(["id", "event", "seq", "attempts"])
      .where("webhook", "=", webhook)
      .where("kind", "=", ref.kind)
      .where("room", "=", ref.id)
      .where("state", "=", "pending")
      .orderBy("tx")
      .orderBy("position")
      .limit(1)
      .executeTakeFirst();
    return row ?? null;
  };

  return {
    due: async (now) => {
      const { rows } = await sql<{ id: string }>`
        select w.id from webhook w where w.state = 'active' and exists (
          select from webhook_lane l where l.webhook = w.id and l.next_at <= ${now}
            and (l.leased_until is null or l.leased_until < ${now})
        ) order by random() limit ${dueAtOnce}`.execute(db);
      return rows.map(({ id }) => id);
    },
    take: async (webhook, count, now) => {
      const token = randomUUID();
      const { rows } = await sql<{ kind: string; room: string }>`
        update webhook_lane l set leased_until = ${now + leaseMs}, token = ${token}
        from (
          select kind, room from webhook_lane
          where webhook = ${webhook} and next_at <= ${now} and (leased_until is null or leased_until < ${now})
          order by next_at limit ${count} for update skip locked
        ) t
        where l.webhook = ${webhook} and l.kind = t.kind and l.room = t.room
        returning l.kind, l.room`.execute(db);
      return rows.flatMap(({ kind, room }) =>
        isRoomKind(kind) ? [{ webhook, ref: { kind, id: room }, token }] : [],
      );
    },
    head: (lane) => nextOf(db, lane),
    settle: (lane, pending, how, now) =>
      db.transaction().execute(async (tx) => {
        await holdWebhook(tx, lane.webhook);
        // Whoever adds to the lane waits for this, or was seen by it: each statement looks anew.
        const { rows: held } = await sql`select from webhook_lane where ${place(lane)} for update`.execute(
          tx,
        );
        if (held.length === 0) return false;
        const retries = !how.delivered && how.pauseMs !== null;
        await tx
          .updateTable("webhook_delivery")
          .set({
            state: how.delivered ? "delivered" : retries ? "pending" : "dead",
            attempts: pending.attempts + 1,
            status: how.status,
            fault: how.delivered ? null : how.fault,
            tried_at: now,
          })
          .where("id", "=", pending.id)
          .execute();
        if (!how.delivered && how.pauseMs !== null) {
          await sql`update webhook_lane set next_at = ${now + how.pauseMs}, leased_until = null, token = null
            where ${place(lane)}`.execute(tx);
          return false;
        }
        const more = (await nextOf(tx, lane)) !== null;
        if (more)
          await sql`update webhook_lane set leased_until = ${now + leaseMs} where ${place(lane)}`.execute(tx);
        else await sql`delete from webhook_lane where ${place(lane)}`.execute(tx);
        return more;
      }),
    release: async (lane, nextAt) => {
      await db.transaction().execute(async (tx) => {
        await holdWebhook(tx, lane.webhook);
        const { rows: held } = await sql`select from webhook_lane where ${place(lane)} for update`.execute(
          tx,
        );
        if (held.length === 0) return;
        if (await nextOf(tx, lane))
          await sql`update webhook_lane set next_at = ${nextAt}, leased_until = null, token = null
            where ${place(lane)}`.execute(tx);
        else await sql`delete from webhook_lane where ${place(lane)}`.execute(tx);
      });
    },
  };
}

/** What an endpoint's answers say of the endpoint itself. null: nothing changed. */
export async function noteHealth(
  db: Db,
  { id, failingSince }: Pick<Webhook, "id" | "failingSince">,
  health: { readonly failing: boolean; readonly gone: boolean; readonly pauseAfterMs: number },
  now: number,
): Promise<"paused" | "disabled" | null> {
  const { failing, gone, pauseAfterMs } = health;
  if (!failing) {
    if (failingSince !== null)
      await db.updateTable("webhook").set({ failing_since: null }).where("id", "=", id).execute();
    return null;
  }
  const since = failingSince ?? now;
  const late = now - since > pauseAfterMs;
  const state = gone ? "disabled" : late ? "paused" : null;
  const { numUpdatedRows } = await db
    .updateTable("webhook")
    .set({ failing_since: since, ...(state && { state, reason: gone ? "gone" : "failing" }) })
    .where("id", "=", id)
    .where("state", "=", "active")
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n ? state : null;
}

const purgedAtOnce = 5_000;

/** Forgets what was settled before a time, however much that is. */
export async function purgeDeliveries(db: Db, before: number, atOnce = purgedAtOnce): Promise<void> {
  for (let gone = atOnce; gone === atOnce; ) {
    const { numAffectedRows = 0n } = await sql`delete from webhook_delivery where id in (
      select id from webhook_delivery where state <> 'pending' and created_at < ${before} limit ${atOnce}
    )`.execute(db);
    gone = Number(numAffectedRows);
  }
}
