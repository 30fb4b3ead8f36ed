import type { RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";

export interface StoredSnapshot {
  /** The state includes everything up to this seq. */
  readonly seq: number;
  readonly version: number;
  readonly payload: Uint8Array;
}

export interface Snapshots {
  latest(ref: RoomRef): Promise<StoredSnapshot | null>;
  /** Keeps the later of this and what is there. */
  save(ref: RoomRef, snapshot: StoredSnapshot): Promise<void>;
}

export function createSnapshots(db: Db): Snapshots {
  return {
    latest: async ({ kind, id }) => {
      const row = await db
        .selectFrom("snapshot")
        .select(["seq", "version", "payload"])
        .where("kind", "=", kind)
        .where("id", "=", id)
        .executeTakeFirst();
      return row ?? null;
    },
    save: async ({ kind, id }, { seq, version, payload }) => {
      await db
        .insertInto("snapshot")
        .values({ kind, id, seq, version, payload })
        .onConflict((conflict) =>
          conflict
            .columns(["kind", "id"])
            .doUpdateSet({ seq, version, payload })
            .where("snapshot.seq", "<=", seq),
        )
        .execute();
    },
  };
}
