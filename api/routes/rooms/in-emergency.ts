import { DomainError } from "../../../core/domain/errors.ts";
import { type Action, can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { RoomRef } from "../../../core/domain/room.ts";
import type { Context } from "../../endpoint.ts";
import type { RoomReply } from "../../rooms-port.ts";

/**
 * Whether somebody who has no part in a room may read it now, because they broke the glass for it. Every such read is recorded
 * before it is answered.
 */
export async function inEmergency(
  { principal, breakGlass, audit }: Pick<Context<Principal>, "principal" | "breakGlass" | "audit">,
  action: Action,
  room: RoomRef,
): Promise<boolean> {
  const { org, id: actor } = principal;
  if (!can(principal, action, { org, emergency: true })) return false;
  const glass = await breakGlass.holding(org, actor, room);
  if (glass === null) return false;
  await audit.record({
    ...{ org, actor, room },
    action: "breakGlass.read",
    detail: { purpose: "emergency", breakGlass: glass, read: action },
  });
  return true;
}

/** Asks a visit. Where it refuses whoever broke the glass for it, the engine asks for them. */
export async function askVisit(
  context: Pick<Context<Principal>, "principal" | "breakGlass" | "audit" | "rooms">,
  id: string,
  { action, request }: { readonly action: Action; readonly request: string },
): Promise<RoomReply> {
  const { principal, rooms } = context;
  const room = { kind: "consultation", id } as const;
  try {
    return await rooms.command(principal, room, request, {});
  } catch (error) {
    const refused =
      error instanceof DomainError && (error.code === "forbidden" || error.code === "room_not_found");
    if (!refused || !(await inEmergency(context, action, room))) throw error;
    return rooms.system(principal.org, room, request, {});
  }
}
