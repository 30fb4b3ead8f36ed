import { setTimeout as delay } from "node:timers/promises";
import { DomainError } from "../../core/domain/errors.ts";
import type { Seat } from "../../core/protocol/events.ts";
import type { AwakeRoom } from "./awake-rooms.ts";
import type { Adoption, MoveResult, ProcessCalls } from "./bus.ts";

/** How long a room may take to come to a stand (ms). */
const freezeMs = 1_500;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/**
 * Hands a room to another process: it is loaded there while it is still served here; then it takes nothing more, is
 * flushed, claimed there, and everybody is told of their seat. The claim alone decides whose it is: after
 * a failure the room goes on here only if it can be claimed back. Throws DomainError when it did not move.
 */
export async function handOff(room: AwakeRoom, target: ProcessCalls): Promise<MoveResult> {
  const { ref } = room;
  try {
    await target.prepare({ ref, epoch: room.epoch });
  } catch (error) {
    abandon(room, target);
    throw error;
  }
  const begun = performance.now();
  const stand = await room.freeze(freezeMs);
  if (!stand) {
    abandon(room, target);
    throw new DomainError("busy");
  }
  const seats = await giveAway(room, target, { ref, ...stand });
  if (!seats) {
    room.leave();
    return { pauseMs: performance.now() - begun, seats: 0 };
  }
  room.leaveTo(seats, target.request);
  return { pauseMs: performance.now() - begun, seats: seats.length };
}

/** The seats at the new owner; null: it has the room, and does not say where. Throws when the room is ours again. */
async function giveAway(
  room: AwakeRoom,
  target: ProcessCalls,
  { ref, epoch, sessions, awaited }: Adoption,
): Promise<readonly Seat[] | null> {
  const adoption = { ref, epoch, sessions, awaited };
  try {
    return await target.adopt(adoption);
  } catch (error) {
    if (await claimBack(room)) {
      abandon(room, target);
      throw error;
    }
    return target.adopt(adoption).catch(() => null);
  }
}

/** Goes on until the database has decided whose the room is. */
async function claimBack(room: AwakeRoom): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await room.thaw();
    } catch {
      await delay(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
    }
  }
}

/** It may have got ready without our hearing of it. */
function abandon({ ref }: AwakeRoom, target: ProcessCalls): void {
  void target.abandon({ ref }).catch(() => {});
}
