import { hash } from "node:crypto";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Processes } from "../../core/platform/repositories/processes.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { Neighbours } from "./neighbours.ts";

export interface TakeOverParts {
  readonly owners: Pick<RoomOwners, "held">;
  readonly processes: Pick<Processes, "remove">;
  readonly neighbours: Neighbours;
  wake(ref: RoomRef): Promise<void>;
  readonly log: Logger;
}

/** A process that has been silent for longer may be gone (ms): no room is given to it. */
export const quietMs = 1_500;
const atOnce = 16;

/**
 * Wakes the rooms of processes that have died: their people are on their way, and their deadlines must be kept.
 * The processes that are left share the rooms among themselves; where two take the same one, the database decides.
 */
export async function takeOverFromTheDead(parts: TakeOverParts): Promise<void> {
  const { neighbours, owners, processes, wake, log } = parts;
  const { self } = neighbours;
  const all = neighbours.all();
  for (const { id, silentMs } of all) {
    if (id === self || silentMs < quietMs || !(await neighbours.mayReplace(id))) continue;
    const living = all
      .filter((one) => !one.draining && one.silentMs < quietMs)
      .map((one) => one.id)
      .sort();
    const rooms = await owners.held(id);
    if (rooms.length === 0) {
      await processes.remove(id);
      log.info({ gone: id }, "a process is gone; none of its rooms is left");
      continue;
    }
    const mine = rooms.filter(({ ref }) => living[shareOf(ref, living.length)] === self);
    log.warn(
      { gone: id, rooms: rooms.length, mine: mine.length },
      "a process is gone; its rooms are taken over",
    );
    const queue = mine.map(({ ref }) => ref);
    const worker = async (): Promise<void> => {
      for (let ref = queue.shift(); ref; ref = queue.shift()) await wake(ref).catch(() => {});
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

function shareOf(ref: RoomRef, shares: number): number {
  return Number.parseInt(hash("sha256", roomKey(ref)).slice(0, 8), 16) % Math.max(1, shares);
}
