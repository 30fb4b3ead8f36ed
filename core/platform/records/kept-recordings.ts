import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";
import type { Logger } from "../logger.ts";
import type { Counted } from "./retention-preview.ts";

/** A recording whose time is over and that a legal hold keeps. Times are ms since the epoch. */
export interface HeldRecording {
  readonly visit: string;
  readonly recording: string;
  /** null: it has been erased, or is not known. */
  readonly patient: string | null;
  /** When its files were made; null: before this was noted. */
  readonly finishedAt: number | null;
  readonly dueAt: number;
}

interface Which {
  readonly org: string;
  readonly visit: string;
  readonly recording: string;
}

/** An index of recordings whose files are there. What they are is in the journals of their visits. */
export interface KeptRecordings {
  finished(which: Which): Promise<void>;
  /** It would have gone now, and is held. */
  held(which: Which): Promise<void>;
  removed(which: Which): Promise<void>;
  /** Those that are held, the longest due first. */
  listHeld(org: string): Promise<HeldRecording[]>;
}

const listed = 1_000;

export function createKeptRecordings(db: Db, tenants: Tenants, now: () => number): KeptRecordings {
  const empty = { finished_at: null, kept_until: null, due_at: null };
  return {
    finished: async (which) => {
      await db
        .insertInto("recording_kept")
        .values({ ...empty, ...which, finished_at: now() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
    held: async (which) => {
      await db
        .insertInto("recording_kept")
        .values({ ...empty, ...which, due_at: now() })
        .onConflict((conflict) =>
          conflict
            .columns(["org", "visit", "recording"])
            .doUpdateSet({ due_at: now() })
            .where("recording_kept.due_at", "is", null),
        )
        .execute();
    },
    removed: async ({ org, visit, recording }) => {
      await db
        .deleteFrom("recording_kept")
        .where("org", "=", org)
        .where("visit", "=", visit)
        .where("recording", "=", recording)
        .execute();
    },
    listHeld: async (org) => {
      const rows = await tenants(org)
        .selectFrom("recording_kept as k")
        .leftJoin("room_listing as l", (join) =>
          join.onRef("l.id", "=", "k.visit").onRef("l.org", "=", "k.org").on("l.kind", "=", "consultation"),
        )
        .select([
          "k.visit",
          "k.recording",
          "l.subject as patient",
          "k.finished_at as finishedAt",
          "k.due_at as dueAt",
        ])
        .where("k.org", "=", org)
        .where("k.due_at", "is not", null)
        .orderBy("k.due_at")
        .orderBy("k.recording")
        .limit(listed)
        .execute();
      return rows.flatMap(({ dueAt, ...row }) => (dueAt === null ? [] : [{ ...row, dueAt }]));
    },
  };
}

/** Everything of a visit went with its key. */
export async function forgetRecordings(db: Db, org: string, visit: string): Promise<void> {
  await db.deleteFrom("recording_kept").where("org", "=", org).where("visit", "=", visit).execute();
}

const dayMs = 86_400_000;

/** For how long recordings of an organisation are kept (ms): what it has settled, else the installation's time. */
export async function keepRecordingsMs(tenants: Tenants, org: string, otherwise: number): Promise<number> {
  const rule = await tenants(org)
    .selectFrom("retention_rule")
    .select("days")
    .where("org", "=", org)
    .where("kind", "=", "recordings")
    .executeTakeFirst();
  return rule?.days == null ? otherwise : rule.days * dayMs;
}

interface Aligning {
  readonly db: Db;
  readonly log: Pick<Logger, "warn">;
  /** The installation's time (ms). */
  readonly otherwise: number;
  /** Asks a visit, as the engine. */
  readonly ask: (org: string, ref: RoomRef, name: string, payload: object) => Promise<unknown>;
}

const slice = 20;

/**
 * A rule that was changed counts for recordings that are there already: their visits are told until when each is kept, a slice at a time,
 * and remove them by their own deadline. Returns how many were told.
 */
export async function alignRecordings({ db, log, otherwise, ask }: Aligning): Promise<number> {
  const { rows } = await sql<Which & { finished_at: number; days: number | null }>`
    select k.org, k.visit, k.recording, k.finished_at, r.days
    from recording_kept k left join retention_rule r on r.org = k.org and r.kind = 'recordings'
    where k.finished_at is not null and k.due_at is null and (
      case when r.days is null then k.kept_until is not null
      else k.kept_until is distinct from k.finished_at + r.days * ${dayMs}::bigint end
    )
    order by k.finished_at limit ${slice}`.execute(db);
  let told = 0;
  for (const { org, visit, recording, finished_at, days } of rows) {
    const until = finished_at + (days === null ? otherwise : days * dayMs);
    const ref = { kind: "consultation", id: visit } as const;
    try {
      await ask(org, ref, "recording.keep", { recording, until });
    } catch (error) {
      // Whatever passes is tried again; a visit that is gone has nothing to keep.
      if (!(error instanceof DomainError) || passing.includes(error.code)) {
        log.warn({ err: error }, "a visit could not be told how long a recording is kept; it is tried again");
        continue;
      }
    }
    await db
      .updateTable("recording_kept")
      .set({ kept_until: days === null ? null : until })
      .where("org", "=", org)
      .where("visit", "=", visit)
      .where("recording", "=", recording)
      .execute();
    told += 1;
  }
  return told;
}

const passing: readonly string[] = ["busy", "unavailable", "room_closed", "internal", "rate_limited"];

/** For who only wants to know how many. */
export function countedRecordings(db: Db): Counted {
  return {
    kind: "recordings",
    countBefore: async (org, time, held) => {
      const rows = await db
        .selectFrom("recording_kept")
        .select("visit")
        .where("org", "=", org)
        .where("finished_at", "<", time)
        .execute();
      return rows.filter(({ visit }) => !held.has(`consultation/${visit}`)).length;
    },
  };
}
