import type { RoomKindName, RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";

/** Who belongs to which room, of any kind, with the role as that kind names it. */
export interface Memberships {
  /** null: not a member, or no such room. */
  role(ref: RoomRef, person: string): Promise<string | null>;
  /** A person's rooms of one kind, by id. */
  rooms(query: {
    readonly org: string;
    readonly person: string;
    readonly kind: RoomKindName;
  }): Promise<{ readonly id: string; readonly role: string }[]>;
}

export function createMemberships(db: Db): Memberships {
  return {
    role: async ({ kind, id }, person) => {
      const row = await db
        .selectFrom("room_member")
        .select("role")
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("person", "=", person)
        .executeTakeFirst();
      return row?.role ?? null;
    },
    rooms: ({ org, person, kind }) =>
      db
        .selectFrom("room_member")
        .select(["id", "role"])
        .where("person", "=", person)
        .where("kind", "=", kind)
        .where("org", "=", org)
        .orderBy("id")
        .execute(),
  };
}
