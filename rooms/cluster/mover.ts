import { DomainError } from "../../core/domain/errors.ts";
import { roomKey } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { AwakeRoom, AwakeRooms } from "./awake-rooms.ts";
import type { MoveResult, ProcessCalls } from "./bus.ts";
import { handOff } from "./hand-off.ts";
import type { Neighbours } from "./neighbours.ts";
import { choose } from "./placement.ts";

/** Moves rooms of this process to others. */
export interface Mover {
  /** Throws `room_closed`, `room_fragile`, `no_process`, or what went wrong; the room is then still here. */
  move(
    room: AwakeRoom,
    options: { readonly to: string | null; readonly force: boolean },
  ): Promise<MoveResult>;
  /**
   * Moves every room away, at a pace that people do not notice; those with something under way last. Ends when none
   * is left, when there is nowhere to go, or when `proceed` says no. Rooms in which nobody is are put to sleep.
   */
  empty(proceed: () => boolean, options: { readonly force: () => boolean }): Promise<void>;
}

export interface MoverParts {
  readonly awake: AwakeRooms;
  readonly neighbours: () => Neighbours;
  readonly to: (process: string) => ProcessCalls;
  readonly log: Logger;
  readonly moved: (outcome: "moved" | "failed", pauseMs: number) => void;
}

/** Moves a second, and at the same time. More would be felt: each costs both processes and the clients' some work. */
const pacePerSecond = 50;
const atOnce = 4;
const retryMs = 200;
/** Who is silent for so long, while the database answers, has died (ms). */
const silentPatienceMs = 8_000;
/** A drain that has just been taken back is heard of a moment later (ms). */
const drainingPatienceMs = 1_500;

export function createMover({ awake, neighbours, to, log, moved }: MoverParts): Mover {
  const moving = new Set<string>();

  const target = (seed = ""): string | null => {
    const { self, all } = neighbours();
    return choose(all(), { seed, except: self })?.id ?? null;
  };

  const move: Mover["move"] = async (room, { to: wanted, force }) => {
    const key = roomKey(room.ref);
    if (moving.has(key)) throw new DomainError("busy", undefined, { retryAfterMs: retryMs });
    if (room.isFragile && !force) throw new DomainError("room_fragile");
    const process = wanted ?? target(key);
    if (process === null) throw new DomainError("no_process");
    moving.add(key);
    try {
      const result = await handOff(room, to(process));
      moved("moved", result.pauseMs);
      return result;
    } catch (error) {
      moved("failed", 0);
      log.warn({ err: error, ...room.ref, epoch: room.epoch }, "a room could not be moved; it goes on here");
      throw error;
    } finally {
      moving.delete(key);
    }
  };

  /** Whether somebody may yet be hoped for who takes rooms, when nobody has since then. */
  const mayHope = (since: number): boolean => {
    const { self, all, inTouchMs } = neighbours();
    const others = all().filter(({ id }) => id !== self);
    const patience = others.some(({ draining }) => !draining) ? silentPatienceMs : drainingPatienceMs;
    const touch = inTouchMs();
    // While the database is away, what is known of the others is old, and their silence says nothing.
    const waited = touch === null ? 0 : Math.min(performance.now() - since, touch);
    return others.length > 0 && waited < patience;
  };

  const empty: Mover["empty"] = async (proceed, { force }) => {
    let nowhereSince: number | null = null;
    while (proceed() && awake.size > 0) {
      nowhereSince = target() === null ? (nowhereSince ?? performance.now()) : null;
      if (nowhereSince !== null && mayHope(nowhereSince)) {
        await pause(retryMs);
        continue;
      }
      const rooms = [...awake.all()].sort((a, b) => Number(a.isFragile) - Number(b.isFragile));
      const outcomes = await paced(rooms, async (room) => {
        if (!proceed() || awake.find(room.ref) !== room) return;
        if (room.connected === 0 && !room.isFragile) await room.seal();
        else await move(room, { to: null, force: force() });
      });
      // A process that has just begun or ended a drain may refuse what it is chosen for: it is asked again.
      if (target() === null) return;
      if (outcomes.some(({ status }) => status === "rejected")) await pause(retryMs);
    }
  };

  return { move, empty };
}

/** Runs the work for each, in their order, so many a second and at the same time. */
async function paced<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<PromiseSettledResult<void>[]> {
  const queue = items.map((item, i) => ({ item, i }));
  const begun = performance.now();
  const outcomes: PromiseSettledResult<void>[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      await pause(begun + (next.i * 1_000) / pacePerSecond - performance.now());
      const [outcome] = await Promise.allSettled([work(next.item)]);
      outcomes.push(outcome);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return outcomes;
}

function pause(ms: number): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
}
