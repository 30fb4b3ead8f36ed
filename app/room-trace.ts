import { purposeOf } from "../core/domain/audit/purpose.ts";
import type { Principal } from "../core/domain/principal.ts";
import type { RoomRef } from "../core/domain/room.ts";
import type { Context } from "./context.ts";

/**
 * That somebody came into a room or left it: what is shown there live is shown to them in between. Together with what others
 * record at the moment. Nobody waits at the door for it.
 */
export function createRoomTrace({
  audit,
  clock,
  listings,
  log,
}: Pick<Context, "audit" | "clock" | "listings" | "log">): (
  by: Principal,
  room: RoomRef,
  action: string,
) => void {
  const record = async (by: Principal, room: RoomRef, action: string, at: number): Promise<void> => {
    const { org, id: actor } = by;
    const listed = room.kind === "consultation" ? await listings.find(org, room) : null;
    const subject = listed?.subject ?? undefined;
    const purpose = subject === actor ? "own" : purposeOf(by);
    await audit.record({ org, at, actor, action, room, subject, detail: { purpose } });
  };
  return (by, room, action) => {
    record(by, room, action, clock.now()).catch((error: unknown) => {
      log.error({ err: error, action }, "who came into a room, or left it, was not recorded");
    });
  };
}
