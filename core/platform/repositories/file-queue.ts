import { randomUUID } from "node:crypto";
import { type SqlBool, sql } from "kysely";
import { type FileType, isFileType, type RejectReason } from "../../domain/file/file.ts";
import { isRoomKind } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";
import type { StoredVariants } from "../database/file-tables.ts";
import type { KeyedRoom, VaultRoom } from "../objects/vault.ts";
import { noticeMessages } from "./files.ts";

/** A content that is to be checked, by us alone until the lease ends. */
export interface FileTask extends KeyedRoom {
  readonly lease: string;
  readonly file: string;
  readonly version: number;
  readonly owner: string;
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly incoming: boolean;
  readonly tries: number;
  /** How often whoever worked on it was not heard of again. */
  readonly lost: number;
}

export type FileOutcome =
  | { readonly state: "clean"; readonly scanned: boolean; readonly variants: StoredVariants }
  | { readonly state: "rejected"; readonly reason: RejectReason };

/** The engine's own work on files, of all organisations. Times are by the database's clock. */
export interface FileQueue {
  /** Takes what has waited longest. Several processes may; each task is given to one of them. */
  take(limit: number, leaseSeconds: number): Promise<readonly FileTask[]>;
  /** False: the lease was lost, and another has the task. */
  finish(task: FileTask, outcome: FileOutcome): Promise<boolean>;
  /** It is tried again after so long. */
  postpone(task: FileTask, seconds: number): Promise<void>;
  /**
   * Notes which message carries which file, and removes what nobody needs: what was sent so long ago and never attached, and what was in
   * messages that were deleted since `since` (ms since the epoch), or is under a key that was destroyed. What is under a legal hold stays, and
   * goes when that is lifted: nobody is shown it meanwhile.
   */
  settle(query: { readonly looseSeconds: number; readonly since: number }): Promise<void>;
  /** Where something may be left in `incoming/`, and nobody may send it again. What was announced and has not come in time is forgotten then. */
  leftovers(): Promise<readonly Incoming[]>;
  /** Nothing is left there any more. */
  cleared(incoming: readonly Incoming[]): Promise<void>;
  /** Files whose objects are to be removed, with the versions of which something may be in `incoming/`. */
  removed(
    limit: number,
  ): Promise<readonly (VaultRoom & { readonly id: string; readonly incoming: readonly number[] })[]>;
  /** Unless somebody may still send something to `incoming/`: then it is asked about again. */
  forget(id: string): Promise<void>;
}

export interface Incoming {
  readonly file: string;
  readonly version: number;
}

const now = sql<Date>`clock_timestamp()`;
/** Whoever has the address of an upload may send it until then, also again. */
const closed = sql<SqlBool>`expires_at < clock_timestamp() - interval '1 minute'`;

/** By a hold on its sender, on whom it is about, on its room, or on a room about the same person. */
const held = sql<SqlBool>`exists (
  select from legal_hold h
  where h.org = file.org and h.lifted_at is null and (
    h.person = file.owner or h.person = file.subject or (h.kind = file.kind and h.room = file.room) or exists (
      select from room_owner o join data_key k on k.id = o.key_id
      where o.kind = h.kind and o.id = h.room and k.scope = 'person' and k.subject = file.subject
    )
  )
)`;

export function createFileQueue(db: Db): FileQueue {
  const mine = ({ file, version, lease }: FileTask) =>
    db
      .updateTable("file_version")
      .where("file", "=", file)
      .where("version", "=", version)
      .where("lease", "=", lease);
  return {
    take: async (limit, leaseSeconds) => {
      const lease = randomUUID();
      const due = sql`
        select file, version from file_version
        where state in ('quarantined', 'scanning') and due_at <= clock_timestamp()
          and (leased_until is null or leased_until < clock_timestamp())
        order by due_at limit ${limit} for update skip locked`;
      const taken = await db
        .updateTable("file_version as v")
        .from("file as f")
        .set({
          lease,
          state: "scanning",
          leased_until: sql<Date>`clock_timestamp() + ${leaseSeconds} * interval '1 second'`,
          tries: sql<number>`v.tries + 1`,
          lost: sql<number>`v.lost + case when v.lease is null then 0 else 1 end`,
        })
        .whereRef("f.id", "=", "v.file")
        .where(sql<SqlBool>`(v.file, v.version) in (${due})`)
        .returning([
          ...(["v.org", "v.file", "v.version", "v.type", "v.bytes", "v.sha256", "v.incoming"] as const),
          ...(["v.tries", "v.lost", "v.key_id as keyId", "f.kind", "f.room", "f.owner"] as const),
        ])
        .execute();
      return taken.flatMap(({ kind, room, type, ...rest }) =>
        isRoomKind(kind) && isFileType(type) ? [{ ...rest, lease, type, ref: { kind, id: room } }] : [],
      );
    },
    finish: async (task, outcome) => {
      const end = { lease: null, leased_until: null, state: outcome.state };
      const query =
        outcome.state === "clean"
          ? mine(task).set({
              ...end,
              scanned: outcome.scanned,
              variants: JSON.stringify(outcome.variants),
            })
          : mine(task).set({ ...end, reason: outcome.reason });
      const { numUpdatedRows } = await query.executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    postpone: async (task, seconds) => {
      await mine(task)
        .set({
          ...{ lease: null, leased_until: null, state: "quarantined" },
          due_at: sql<Date>`clock_timestamp() + ${seconds} * interval '1 second'`,
        })
        .execute();
    },
    settle: async ({ looseSeconds, since }) => {
      await noticeMessages(db, "all");
      const loose = sql<SqlBool>`file.seq is null and file.removed_at is null`;
      await db
        .updateTable("file")
        .set({ removed_at: now })
        .where(loose)
        .where(({ not }) => not(held))
        .where(sql<SqlBool>`file.created_at < clock_timestamp() - ${looseSeconds} * interval '1 second'`)
        .execute();
      await db
        .updateTable("file")
        .from("journal as j")
        .set({ removed_at: now })
        .where("file.removed_at", "is", null)
        .where("j.type", "=", "chat.deleted")
        .where(
          sql<SqlBool>`(j.at >= ${since} or exists (
            select from legal_hold h where h.org = file.org and h.lifted_at >= ${since}
          ))`,
        )
        .where(({ not }) => not(held))
        .whereRef("j.kind", "=", "file.kind")
        .whereRef("j.id", "=", "file.room")
        .whereRef("j.amends", "=", "file.seq")
        .execute();
      await db
        .updateTable("file")
        .from("file_version as v")
        .innerJoin("destroyed_key as d", "d.id", "v.key_id")
        .set({ removed_at: now })
        .whereRef("v.file", "=", "file.id")
        .where("file.removed_at", "is", null)
        .execute();
    },
    leftovers: () =>
      db
        .selectFrom("file_version")
        .select(["file", "version"])
        .where("incoming", "=", true)
        .where(closed)
        .where(sql<SqlBool>`state in ('awaiting', 'clean', 'rejected')`)
        .execute(),
    cleared: async (incoming) => {
      for (const { file, version } of incoming)
        await db
          .updateTable("file_version")
          .set({ incoming: false })
          .where("file", "=", file)
          .where("version", "=", version)
          .execute();
      await db
        .deleteFrom("file_version")
        .where("state", "=", "awaiting")
        .where("incoming", "=", false)
        .where(closed)
        .execute();
      await db
        .updateTable("file")
        .set({ removed_at: now })
        .where("removed_at", "is", null)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom("file_version as v").select("v.file").whereRef("v.file", "=", "file.id"))),
        )
        .execute();
    },
    removed: async (limit) => {
      const rows = await db
        .selectFrom("file")
        .select(["id", "org", "kind", "room"])
        .select(
          sql<number[]>`array(select v.version from file_version v where v.file = file.id and v.incoming)`.as(
            "incoming",
          ),
        )
        .where("removed_at", "is not", null)
        // Whoever works on it now still writes.
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("file_version as v")
                .select("v.file")
                .whereRef("v.file", "=", "file.id")
                .where("v.leased_until", ">", now),
            ),
          ),
        )
        // Those that cannot be forgotten yet do not stand in the way of others.
        .orderBy(sql`random()`)
        .limit(limit)
        .execute();
      return rows.flatMap(({ kind, room, ...rest }) =>
        isRoomKind(kind) ? [{ ...rest, ref: { kind, id: room } }] : [],
      );
    },
    forget: async (id) => {
      await db
        .deleteFrom("file")
        .where("id", "=", id)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom("file_version as v")
                .select("v.file")
                .where("v.file", "=", id)
                .where("v.incoming", "=", true)
                .where(({ not: isNot }) => isNot(closed)),
            ),
          ),
        )
        .execute();
    },
  };
}
