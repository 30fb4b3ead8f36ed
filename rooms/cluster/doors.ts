import { hasRole, type Principal } from "../../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../../core/domain/room.ts";
import type { Memberships } from "../../core/platform/repositories/memberships.ts";
import type { TenantRooms } from "../../core/platform/repositories/tenant-rooms.ts";

/** Whether somebody may have a room of one kind woken for them. The room itself asks again, of its state. */
export type Door = (by: Principal, ref: RoomRef) => Promise<boolean>;

/** Whoever has nothing to do with a room wakes nothing, and is not told that it exists. */
export function createDoors(parts: {
  readonly tenantRooms: TenantRooms;
  readonly memberships: Pick<Memberships, "role">;
}): Readonly<Record<RoomKindName, Door>> {
  const { tenantRooms, memberships } = parts;
  const ofTheirOrg: Door = async (by, ref) => (await tenantRooms.find(by.org, ref)) !== null;
  const member: Door = async (by, ref) => (await memberships.role(by.org, ref, by.id)) !== null;
  return {
    chat: member,
    waiting: async (by, ref) => !hasRole(by, "guest") && ofTheirOrg(by, ref),
    consultation: async (by, ref) =>
      (await member(by, ref)) || (hasRole(by, "desk", "admin", "integrator") && ofTheirOrg(by, ref)),
  };
}
