import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { dueBefore, type RetentionRule, retentionKinds } from "../../domain/records/retention.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Logger } from "../logger.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Audit } from "../repositories/audit.ts";
import type { Retained } from "./eraser.ts";
import type { Holds } from "./holds.ts";
import { forgetRecordings } from "./kept-recordings.ts";
import { lockedRooms, type RekeyParts, rekeyRoom } from "./rekey.ts";
import type { Counted } from "./retention-preview.ts";

/** `otherwise`: days that count where the organisation has settled nothing; null: for good. */
export interface SettledRule extends RetentionRule {
  readonly otherwise: number | null;
}

export interface RetentionRules {
  /** Of every kind, also those that are kept for good. */
  list(org: string): Promise<readonly SettledRule[]>;
  set(org: string, rules: readonly RetentionRule[], by: string): Promise<void>;
}

/** `installation`: days of kinds for which the installation has a time of its own. */
export function createRetentionRules(
  tenants: Tenants,
  now: () => number,
  installation: Readonly<Record<string, number>> = {},
): RetentionRules {
  return {
    list: async (org) => {
      const rows = await tenants(org)
        .selectFrom("retention_rule")
        .select(["kind", "days"])
        .where("org", "=", org)
        .execute();
      const days = new Map(rows.map((row) => [row.kind, row.days]));
      return retentionKinds.map(({ kind }) => ({
        kind,
        days: days.get(kind) ?? null,
        otherwise: installation[kind] ?? null,
      }));
    },
    set: async (org, rules, by) => {
      if (rules.length === 0) return;
      await tenants(org)
        .insertInto("retention_rule")
        .values(rules.map(({ kind, days }) => ({ org, kind, days, changed_at: now(), changed_by: by })))
        .onConflict((conflict) =>
          conflict.columns(["org", "kind"]).doUpdateSet((eb) => ({
            days: eb.ref("excluded.days"),
            changed_at: eb.ref("excluded.changed_at"),
            changed_by: eb.ref("excluded.changed_by"),
          })),
        )
        .execute();
    },
  };
}

type KeyParts = RekeyParts & { readonly objects: ObjectStore };

const slice = 20;
const cause = "retention";

const most = 1_000_000;
const scopes = { chat: "room", consultation: "person" } as const;
type RoomKinds = keyof typeof scopes;

/** Keys in whose rooms nothing happened since `time`, and none of which is awake or held. */
async function dueKeys(
  db: Db,
  scope: "room" | "person",
  { org, time, held, limit }: { org: string; time: number; held: ReadonlySet<string>; limit: number },
): Promise<readonly { readonly id: string }[]> {
  const { rows } = await sql<{ id: string }>`
    select k.id from data_key k
    where k.org = ${org} and k.scope = ${scope}
      and exists (
        select from room_owner o where o.key_id = k.id and o.next_seq > k.since
      )
      and not exists (
        select from room_owner o where o.key_id = k.id and (
          o.process is not null or (${scope} = 'room' and o.kind <> 'chat') or exists (
            select from journal j where j.kind = o.kind and j.id = o.id and j.seq = o.next_seq - 1 and j.at >= ${time}
          )
        )
      )
      and not (
        case when k.scope = 'person' then 'person/' || k.subject else replace(k.subject, ':', '/') end
        = any(${[...held]}::text[])
      )
    order by k.id limit ${limit}`.execute(db);
  return rows;
}

/** How many keys would be destroyed. */
export function countedRooms(db: Db, kind: RoomKinds): Counted {
  return {
    kind,
    countBefore: async (org, time, held) =>
      (await dueKeys(db, scopes[kind], { org, time, held, limit: most })).length,
  };
}

/** Chats under keys of their own, or everything under a patient's key: the key is destroyed when nothing happened for long enough. */
export function retainedRooms(parts: KeyParts, kind: RoomKinds): Retained {
  const { db, keys } = parts;
  return {
    kind,
    removeBefore: async (org, time, held) => {
      const found = await dueKeys(db, scopes[kind], { org, time, held, limit: slice });
      for (const { id } of found) {
        await db.transaction().execute(async (tx) => {
          const gone = await tx
            .deleteFrom("data_key")
            .where("id", "=", id)
            .returning("id")
            .executeTakeFirst();
          if (gone) await tx.insertInto("destroyed_key").values({ id, org, cause }).execute();
        });
        keys.forget(org, id);
      }
      await finishRekeying(parts);
      return found.length;
    },
  };
}

/** Also what another process left when it died. */
export async function finishRekeying(parts: KeyParts): Promise<void> {
  for (const locked of await lockedRooms(parts.db, cause)) {
    const { org, ref } = locked;
    await rekeyRoom(parts, locked, null);
    if (ref.kind !== "consultation") continue;
    await parts.objects.remove(`recordings/${org}/${ref.id}/`);
    await forgetRecordings(parts.db, org, ref.id);
  }
}

interface SweepParts {
  readonly db: Db;
  readonly retained: readonly Retained[];
  readonly holds: Pick<Holds, "standing">;
  readonly audit: Audit;
  readonly log: Logger;
  readonly now: () => number;
}

/** One slice of each kind of each organisation that settled something. Several processes at once do no harm. */
export async function sweepRetention({ db, retained, holds, audit, log, now }: SweepParts): Promise<number> {
  const rules = await db
    .selectFrom("retention_rule")
    .select(["org", "kind", "days"])
    .where("days", "is not", null)
    .execute();
  let removed = 0;
  for (const { org, ...rule } of rules) {
    const before = dueBefore(rule, now());
    const kind = retained.find((one) => one.kind === rule.kind);
    if (before === null || !kind) continue;
    try {
      const count = await kind.removeBefore(org, before, await holds.standing(org));
      removed += count;
      if (count > 0)
        await audit.record({
          org,
          at: now(),
          actor: "system",
          action: "retention.removed",
          detail: { kind: rule.kind, count, before },
        });
    } catch (error) {
      // Somebody was faster, or has just woken the room; what is left is for the next time.
      if (!(error instanceof DomainError && error.code === "busy"))
        log.warn({ err: error, kind: rule.kind }, "what is due could not be removed; it is tried again");
    }
  }
  return removed;
}
