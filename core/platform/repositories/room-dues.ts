import { sql } from "kysely";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";

export interface RoomDues {
  /**
   * Rooms whose time has come, soonest first. Each is handed out to one process at a time: it is moved on
   * by `graceMs`, by when the room, once awake, has written its next time itself.
   */
  take(now: number, graceMs: number, limit: number): Promise<RoomRef[]>;
}

export function createRoomDues(db: Db): RoomDues {
  return {
    take: async (now, graceMs, limit) => {
      const { rows } = await sql<{ kind: string; id: string }>`
        update room_due d set at = ${now + graceMs}
        from (
          select kind, id from room_due where at <= ${now} order by at limit ${limit} for update skip locked
        ) soonest
        where d.kind = soonest.kind and d.id = soonest.id
        returning d.kind, d.id`.execute(db);
      return rows.flatMap(({ kind, id }) => (isRoomKind(kind) ? [{ kind, id }] : []));
    },
  };
}
