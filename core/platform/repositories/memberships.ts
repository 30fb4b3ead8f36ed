import type { RoomKindName, RoomRef } from "../../domain/room.ts";
import type { Tenants } from "../database/tenants.ts";

/** Who belongs to which room, of any kind, with the role as that kind names it. */
export interface Memberships {
  /** null: not a member, or no such room. */
  role(org: string, ref: RoomRef, person: string): Promise<string | null>;
  /** Everyone who belongs to a room, also who is still at its door. */
  people(org: string, ref: RoomRef): Promise<string[]>;
  /** A person's rooms of one kind, by id. */
  rooms(query: {
    readonly org: string;
    readonly person: string;
    readonly kind: RoomKindName;
  }): Promise<{ readonly id: string; readonly role: string }[]>;
}

export function createMemberships(tenants: Tenants): Memberships {
  return {
    role: async (org, { kind, id }, person) => {
      const row = await tenants(org)
        .selectFrom("room_member")
        .select("role")
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .where("person", "=", person)
        .executeTakeFirst();
      return row?.role ?? null;
    },
    people: async (org, { kind, id }) => {
      const rows = await tenants(org)
        .selectFrom("room_member")
        .select("person")
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .orderBy("person")
        .execute();
      return rows.map(({ person }) => person);
    },
    rooms: ({ org, person, kind }) =>
      tenants(org)
        .selectFrom("room_member")
        .select(["id", "role"])
        .where("person", "=", person)
        .where("kind", "=", kind)
        .where("org", "=", org)
        .orderBy("id")
        .execute(),
  };
}
