import type { RoomRef } from "../../domain/room.ts";
import type { Tenants } from "../database/tenants.ts";

/** The rooms of an organisation. Those of others are as if they were not there. */
export interface TenantRooms {
  /** null: the organisation has no such room. */
  find(org: string, ref: RoomRef): Promise<TenantRoom | null>;
}

export interface TenantRoom {
  /** The data key that its text is encrypted with. */
  readonly keyId: string;
}

export function createTenantRooms(tenants: Tenants): TenantRooms {
  return {
    find: async (org, { kind, id }) => {
      const row = await tenants(org)
        .selectFrom("room_owner")
        .select("key_id as keyId")
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .executeTakeFirst();
      return row ?? null;
    },
  };
}
