import { sql } from "kysely";
import { isRoomKind, type RoomKindName, type RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";

/** Who may write a room, as the database has it. */
export interface RoomOwner {
  readonly org: string;
  readonly keyId: string;
  readonly epoch: number;
  readonly nextSeq: number;
  readonly process: string | null;
  /** The Colyseus roomId of the claim. */
  readonly incarnation: string | null;
}

export interface RoomOwners {
  /** Makes the room's row; false when there is one already. */
  create(ref: RoomRef, org: string, keyId: string): Promise<boolean>;
  find(ref: RoomRef): Promise<RoomOwner | null>;
  /**
   * Takes the room for a process by compare-and-set on the epoch, and returns the row as it is then; null
   * when somebody else claimed it first. `keep` stays the incarnation (a re-claim in place); else it is a new one.
   */
  claim(
    ref: RoomRef,
    claim: { readonly process: string; readonly epoch: number; readonly keep?: string },
  ): Promise<RoomOwner | null>;
  /** Says that a room sleeps: nobody has it. Nothing happens where the epoch is another by now. */
  release(ref: RoomRef, epoch: number): Promise<void>;
  /** The rooms that a process has, as the database knows it, in the order of their addresses. */
  held(process: string): Promise<readonly HeldRoom[]>;
  /** All rooms, or those of one process or kind, in the order of their addresses; `after` is the last of the page before. */
  list(query: {
    readonly process?: string | undefined;
    readonly kind?: RoomKindName | undefined;
    readonly after?: RoomRef | undefined;
    readonly limit: number;
  }): Promise<readonly (RoomRef & Pick<RoomOwner, "process" | "epoch">)[]>;
}

export interface HeldRoom {
  readonly ref: RoomRef;
  readonly epoch: number;
}

const columns = ["org", "key_id as keyId", "epoch", "next_seq as nextSeq", "process", "incarnation"] as const;

export function createRoomOwners(db: Db): RoomOwners {
  return {
    create: async ({ kind, id }, org, keyId) => {
      const made = await db
        .insertInto("room_owner")
        .values({ kind, id, org, key_id: keyId, process: null, incarnation: null })
        .onConflict((conflict) => conflict.columns(["kind", "id"]).doNothing())
        .returning("id")
        .executeTakeFirst();
      return made !== undefined;
    },
    find: async ({ kind, id }) => {
      const row = await db
        .selectFrom("room_owner")
        .select(columns)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .executeTakeFirst();
      return row ?? null;
    },
    claim: async ({ kind, id }, { process, epoch, keep }) => {
      const row = await db
        .updateTable("room_owner")
        .set({
          epoch: sql<number>`epoch + 1`,
          process,
          incarnation: keep ?? sql<string>`kind || '-' || id || '_' || (epoch + 1)`,
        })
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("epoch", "=", epoch)
        .returning(columns)
        .executeTakeFirst();
      return row ?? null;
    },
    release: async ({ kind, id }, epoch) => {
      await db
        .updateTable("room_owner")
        .set({ process: null, incarnation: null })
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("epoch", "=", epoch)
        .execute();
    },
    held: async (process) => {
      const rows = await db
        .selectFrom("room_owner")
        .select(["kind", "id", "epoch"])
        .where("process", "=", process)
        .orderBy("kind")
        .orderBy("id")
        .execute();
      return rows.flatMap(({ kind, id, epoch }) => (isRoomKind(kind) ? [{ ref: { kind, id }, epoch }] : []));
    },
    list: async ({ process, kind, after, limit }) => {
      const rows = await db
        .selectFrom("room_owner")
        .select(["kind", "id", "process", "epoch"])
        .$if(process !== undefined, (query) => query.where("process", "=", process ?? ""))
        .$if(kind !== undefined, (query) => query.where("kind", "=", kind ?? ""))
        .$if(after !== undefined, (query) =>
          query.where((where) =>
            where(where.refTuple("kind", "id"), ">", where.tuple(after?.kind ?? "", after?.id ?? "")),
          ),
        )
        .orderBy("kind")
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.flatMap(({ kind, ...row }) => (isRoomKind(kind) ? [{ kind, ...row }] : []));
    },
  };
}
