import { randomUUID } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Logger } from "../logger.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { Audit } from "../repositories/audit.ts";
import { anonymise } from "./anonymise.ts";
import type { Erased, Eraser } from "./eraser.ts";
import type { Holds } from "./holds.ts";
import { forgetRecordings } from "./kept-recordings.ts";
import { lockedRooms, type RekeyParts, rekeyRoom } from "./rekey.ts";

/** Somebody's data is to go, or has gone. */
export interface Erasure {
  readonly id: string;
  readonly person: string;
  readonly reason: string;
  /** Milliseconds since the epoch, like all times here. */
  readonly requestedAt: number;
  readonly requestedBy: string;
  readonly dueAt: number;
  readonly cancelledAt: number | null;
  /** From then on it cannot be cancelled. */
  readonly begunAt: number | null;
  readonly doneAt: number | null;
}

export interface Erasures {
  /** Throws `person_not_found`, `already_exists`, `held`. */
  request(asked: Erased & { readonly reason: string; readonly by: string }): Promise<Erasure>;
  /** Throws `not_found`, also where it has begun. */
  cancel(org: string, id: string, by: string): Promise<Erasure>;
  /** Newest first. */
  list(org: string, limit: number): Promise<Erasure[]>;
}

export interface ErasureParts extends Omit<RekeyParts, "db"> {
  readonly db: Db;
  readonly tenants: Tenants;
  readonly audit: Audit;
  readonly holds: Pick<Holds, "standing">;
  readonly objects: ObjectStore;
  readonly log: Logger;
  readonly erasers: readonly Eraser[];
  /** Nobody signs in as that person any more, and whoever is has to leave. */
  readonly close: (subject: Erased) => Promise<void>;
  /** Between the request and its execution (ms). */
  readonly coolingMs: number;
}

const columns = [
  "id",
  "person",
  "reason",
  "requested_at as requestedAt",
  "requested_by as requestedBy",
  "due_at as dueAt",
  "cancelled_at as cancelledAt",
  "begun_at as begunAt",
  "done_at as doneAt",
] as const;

export function createErasures(
  parts: Pick<ErasureParts, "tenants" | "holds" | "now" | "coolingMs">,
): Erasures {
  const { tenants, holds, now, coolingMs } = parts;
  return {
    request: async ({ org, person, reason, by }) => {
      const db = tenants(org);
      const there = await db
        .selectFrom("person")
        .select("id")
        .where("org", "=", org)
        .where("id", "=", person)
        .executeTakeFirst();
      if (!there) throw new DomainError("person_not_found");
      if (await isHeld(holds, { org, person })) throw new DomainError("held");
      const made = await db
        .insertInto("erasure")
        .values({
          id: randomUUID(),
          org,
          person,
          reason,
          requested_at: now(),
          requested_by: by,
          due_at: now() + coolingMs,
          cancelled_at: null,
          cancelled_by: null,
          begun_at: null,
          done_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .returning(columns)
        .executeTakeFirst();
      if (!made) throw new DomainError("already_exists");
      return made;
    },
    cancel: async (org, id, by) => {
      const cancelled = await tenants(org)
        .updateTable("erasure")
        .set({ cancelled_at: now(), cancelled_by: by })
        .where("org", "=", org)
        .where("id", "=", id)
        .where("begun_at", "is", null)
        .where("cancelled_at", "is", null)
        .returning(columns)
        .executeTakeFirst();
      if (!cancelled) throw new DomainError("not_found");
      return cancelled;
    },
    list: (org, limit) =>
      tenants(org)
        .selectFrom("erasure")
        .select(columns)
        .where("org", "=", org)
        .orderBy("requested_at", "desc")
        .orderBy("id")
        .limit(limit)
        .execute(),
  };
}

/** Whoever is at it for longer than that is taken for dead. */
const leaseMs = 60_000;
const atOnce = 20;

/**
 * Executes what is due, one after the other; returns how many were done, or throws when the others were. Every step may be done again, so whoever dies at it is followed by
 * another process, and two at once do no harm.
 */
export async function executeErasures(parts: ErasureParts): Promise<number> {
  const { db, now, log } = parts;
  const failures: unknown[] = [];
  let done = 0;
  for (const erasure of await dueErasures(parts)) {
    // Those before it may have taken their time.
    if (await isHeld(parts.holds, erasure)) continue;
    const { numUpdatedRows } = await db
      .updateTable("erasure")
      .set({ begun_at: now() })
      .where("id", "=", erasure.id)
      .where("cancelled_at", "is", null)
      .where("done_at", "is", null)
      .where((eb) => eb.or([eb("begun_at", "is", null), eb("begun_at", "<", now() - leaseMs)]))
      .executeTakeFirst();
    if (numUpdatedRows === 0n) continue;
    try {
      await erase(parts, erasure);
    } catch (error) {
      // It is tried again when its lease is over; whoever is after it does not wait for that.
      failures.push(error);
      continue;
    }
    log.info({ erasure: erasure.id }, "a person's data was erased");
    done += 1;
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

/**
 * As many as are worked on at once. A hold that was placed since the request stops it, as long as it stands, and no other one; a hold that is placed later finds the key
 * gone.
 */
async function dueErasures({ db, now, holds }: ErasureParts): Promise<readonly Begun[]> {
  const rows = await db
    .selectFrom("erasure")
    .select(["id", "org", "person", "requested_by"])
    .where("due_at", "<=", now())
    .where("done_at", "is", null)
    .where("cancelled_at", "is", null)
    .where((eb) => eb.or([eb("begun_at", "is", null), eb("begun_at", "<", now() - leaseMs)]))
    .orderBy("due_at")
    .execute();
  const orgs = new Set(rows.map(({ org }) => org));
  const standing = new Map<string, ReadonlySet<string>>();
  for (const org of orgs) standing.set(org, await holds.standing(org));
  return rows.filter(({ org, person }) => !standing.get(org)?.has(`person/${person}`)).slice(0, atOnce);
}

interface Begun extends Erased {
  readonly id: string;
  readonly requested_by: string;
}

async function erase(parts: ErasureParts, { id, org, person, requested_by: actor }: Begun): Promise<void> {
  const { db, audit, erasers, holds, now } = parts;
  const subject = { org, person };
  await parts.close(subject);
  await destroyKey(parts, subject, id);
  for (const locked of await lockedRooms(db, id)) await rekeyRoom(parts, locked, person);
  await removeRecordings(parts, id);
  const held = await holds.standing(org);
  const failures: unknown[] = [];
  for (const eraser of erasers)
    await eraser.erase(subject, held).catch((error: unknown) => void failures.push(error));
  await anonymise(db, subject);
  // What could go is gone; the others are asked again.
  if (failures.length > 0) throw failures[0];
  await audit.record({
    org,
    at: now(),
    actor,
    action: "erasure.done",
    subject: person,
    detail: { erasure: id },
  });
  await db.updateTable("erasure").set({ done_at: now() }).where("id", "=", id).execute();
}

/** From here on there is no way back. */
async function destroyKey({ db, keys }: ErasureParts, { org, person }: Erased, cause: string): Promise<void> {
  const key = await db
    .selectFrom("data_key")
    .select("id")
    .where("org", "=", org)
    .where("scope", "=", "person")
    .where("subject", "=", person)
    .executeTakeFirst();
  if (!key) return;
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto("destroyed_key")
      .values({ id: key.id, org, cause })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .updateTable("data_key")
      .set({ wrapped: Buffer.alloc(0) })
      .where("id", "=", key.id)
      .execute();
    await tx.deleteFrom("data_key").where("id", "=", key.id).execute();
  });
  keys.forget(org, key.id);
}

/** They open no more; they need no place either. */
async function removeRecordings({ db, objects }: ErasureParts, cause: string): Promise<void> {
  const visits = await db
    .selectFrom("rekeyed_room as r")
    .innerJoin("destroyed_key as d", "d.id", "r.old_key")
    .select(["r.org", "r.id"])
    .where("d.cause", "=", cause)
    .where("r.kind", "=", "consultation")
    .execute();
  for (const { org, id } of visits) {
    await objects.remove(`recordings/${org}/${id}/`);
    await forgetRecordings(db, org, id);
  }
}

async function isHeld(holds: Pick<Holds, "standing">, { org, person }: Erased): Promise<boolean> {
  return (await holds.standing(org)).has(`person/${person}`);
}
