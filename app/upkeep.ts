import { performance } from "node:perf_hooks";
import { roomKey } from "../core/domain/room.ts";
import type { AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import type { Mover } from "../rooms/cluster/mover.ts";
import type { Neighbours } from "../rooms/cluster/neighbours.ts";
import { takeOverFromTheDead } from "../rooms/cluster/take-over.ts";
import type { Context } from "./context.ts";

/** What this process does whenever its lease is renewed. */
export interface Upkeep {
  /** `regained`: the lease was lost for a while. */
  renewed(neighbours: Neighbours, regained: boolean, wake: Directory["wake"]): Promise<void>;
  /** Since the last renewal (s). */
  leaseAge(): number;
  /** Neither an operator wants it empty, nor is it about to end. */
  takesRooms(): boolean;
  stopping(): boolean;
  /** It is about to end. */
  stop(): void;
  /** Resolves when no rooms are handed over for an operator any more. */
  settled(): Promise<void>;
}

interface Parts extends Pick<Context, "owners" | "processes" | "log" | "metrics"> {
  readonly self: string;
  readonly awake: AwakeRooms;
  readonly mover: Mover;
}

export function createUpkeep(parts: Parts): Upkeep {
  const { self, owners, processes, log, metrics, awake, mover } = parts;
  let draining = false;
  let stopping = false;
  let emptying: Promise<void> | null = null;
  let tending = false;
  let leaseHeldAt = performance.now();

  /** Hands over all rooms for as long as an operator wants this process empty. */
  const empty = (): void => {
    emptying ??= mover
      .empty(() => draining && !stopping, { force: () => false })
      .finally(() => {
        emptying = null;
      });
  };

  const verifyAll = async (): Promise<void> => {
    const held = new Map((await owners.held(self)).map(({ ref, epoch }) => [roomKey(ref), epoch]));
    const doubtful = awake.all().filter(({ ref, epoch }) => held.get(roomKey(ref)) !== epoch);
    await Promise.all(doubtful.map((room) => room.verify()));
  };

  const takeOver = async (neighbours: Neighbours, wake: Directory["wake"]): Promise<void> => {
    tending = true;
    await takeOverFromTheDead({ owners, processes, neighbours, wake, log }).catch((error: unknown) =>
      log.warn({ err: error }, "rooms of the dead could not be looked for; trying again"),
    );
    tending = false;
  };

  return {
    renewed: async (neighbours, regained, wake) => {
      const own = neighbours.all().find(({ id }) => id === self);
      draining = own?.draining === true;
      leaseHeldAt = performance.now();
      if (regained) {
        await verifyAll();
        metrics.suspensions.add();
      }
      if (draining && !stopping) empty();
      if (draining || stopping || tending) return;
      void takeOver(neighbours, wake);
    },
    leaseAge: () => (performance.now() - leaseHeldAt) / 1e3,
    takesRooms: () => !draining && !stopping,
    stopping: () => stopping,
    stop: () => {
      stopping = true;
    },
    settled: async () => {
      await emptying;
    },
  };
}
