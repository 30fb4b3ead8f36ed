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
 * How long the new owner is asked again where it keeps everybody's seat (ms): longer than the processes need to find
 * each other after Redis was away, shorter than clients bear silence.
 */
const insistMs = 8_000;

/**
 * Hands a room to another process: it is loaded there while it is still served here; then it takes nothing more, is
 * flushed, claimed there, and everybody is told of their seat. The claim alone decides whose it is: after
 * a failure the room goes on here only if it can be claimed back. Throws DomainError when it did not move.
 */
export async function handOff(
  room: AwakeRoom,
  target: ProcessCalls,
  within: { readonly insistMs: number } = { insistMs },
): Promise<MoveResult> {
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
  const seats = await giveAway(room, target, { ref, ...stand }, within.insistMs);
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
  insistFor: number,
): Promise<readonly Seat[] | null> {
  const adoption = { ref, epoch, sessions, awaited };
  try {
    return await target.adopt(adoption);
  } catch (error) {
    if (await claimBack(room)) {
      abandon(room, target);
      throw error;
    }
    return insist(() => target.adopt(adoption), insistFor);
  }
}

/** It is the same adoption as often as it is asked for. null: no answer came. */
async function insist<T>(ask: () => Promise<T>, withinMs: number): Promise<T | null> {
  const until = performance.now() + withinMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch {
      if (performance.now() >= until) return null;
      await backOff(attempt);
    }
  }
}

/** Goes on until the database has decided whose the room is. */
async function claimBack(room: AwakeRoom): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await room.thaw();
    } catch {
      await backOff(attempt);
    }
  }
}

function backOff(attempt: number): Promise<void> {
  return delay(Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempt));
}

/** It may have got ready without our hearing of it. */
function abandon({ ref }: AwakeRoom, target: ProcessCalls): void {
  void target.abandon({ ref }).catch(() => {});
}
