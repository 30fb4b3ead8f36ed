import { performance } from "node:perf_hooks";
import { DomainError } from "../core/domain/errors.ts";
import type { RoomRef } from "../core/domain/room.ts";
import { roomKey } from "../core/domain/room.ts";
import type { AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import type { ProcessCalls } from "../rooms/cluster/bus.ts";
import type { Directory, Surroundings } from "../rooms/cluster/directory.ts";
import { createMover, type Mover } from "../rooms/cluster/mover.ts";
import { joinNeighbours, type Neighbours } from "../rooms/cluster/neighbours.ts";
import { choose } from "../rooms/cluster/placement.ts";
import { createProcessBus, type ProcessBus } from "../rooms/cluster/process-bus.ts";
import { quietMs } from "../rooms/cluster/take-over.ts";
import type { Connections } from "../rooms/socket/connections.ts";
import { answerCalls } from "./cluster-calls.ts";
import type { Context } from "./context.ts";
import { createUpkeep } from "./upkeep.ts";

/** This process as a member of the cluster. Without Redis it is alone, and most of this does nothing. */
export interface Membership {
  readonly surroundings: Surroundings;
  readonly mover: Mover;
  readonly neighbours: () => Neighbours | null;
  readonly bus: ProcessBus | null;
  suspended(): boolean;
  /** Since the last renewal (s). */
  leaseAge(): number;
  /** Begins to take part; `address` is where clients reach this process's sockets. */
  join(address: string, directory: Pick<Directory, "wake" | "wakeHere">): Promise<void>;
  /** Hands every room to the others, for at most so long; true: all of them. */
  drain(withinMs: number): Promise<boolean>;
  leave(): Promise<void>;
}

export function createMembership(
  context: Context,
  { awake, connections, makeStandby }: MembershipParts,
): Membership {
  const { process: self, redis, processes, owners, log, metrics, version } = context;
  const bus = redis ? createProcessBus(self, redis, log) : null;
  let neighbours: Neighbours | null = null;

  const to = (process: string): ProcessCalls => {
    if (!bus) throw new DomainError("no_process");
    return bus.to(process);
  };
  const mover = createMover({
    awake,
    neighbours: () => {
      if (!neighbours) throw new DomainError("no_process");
      return neighbours;
    },
    to,
    log,
    moved: (outcome, pauseMs) => {
      metrics.handoffs.of({ outcome }).add();
      if (outcome === "moved") metrics.handoffPause.observe(pauseMs / 1e3);
    },
  });
  const upkeep = createUpkeep({ self, owners, processes, log, metrics, awake, mover });
  const { takesRooms } = upkeep;

  const surroundings: Surroundings = {
    self,
    place: (ref, except) => {
      const all = neighbours && bus?.connected ? neighbours.all() : [];
      const takers = all.filter(({ id }) => id !== except && !(upkeep.stopping() && id === self));
      return choose(takers, { seed: roomKey(ref), maxSilentMs: quietMs })?.id ?? self;
    },
    mayReplace: async (process) => neighbours === null || neighbours.mayReplace(process),
    to,
  };

  let idle = performance.eventLoopUtilization();
  /** As the others are told of it. */
  const ownLoad = () => {
    const { utilization } = performance.eventLoopUtilization(idle);
    idle = performance.eventLoopUtilization();
    return { rooms: awake.size, people: connections.size, load: utilization };
  };

  return {
    surroundings,
    mover,
    bus,
    neighbours: () => neighbours,
    suspended: () => neighbours?.suspended() === true,
    leaseAge: upkeep.leaseAge,
    join: async (address, directory) => {
      if (!bus) return;
      await bus.serve(answerCalls({ awake, mover, directory, makeStandby, takesRooms }));
      neighbours = await joinNeighbours({
        processes,
        bus,
        log,
        own: () => ({ id: self, address, version, ...ownLoad() }),
        renewed: async (regained) => {
          if (neighbours) await upkeep.renewed(neighbours, regained, directory.wake);
        },
      });
    },
    drain: async (withinMs) => {
      if (!neighbours) return false;
      upkeep.stop();
      await processes.setDraining(self, true).catch(() => {});
      await upkeep.settled();
      const begun = performance.now();
      const left = () => withinMs - (performance.now() - begun);
      await mover.empty(() => left() > 0, { force: () => left() < withinMs / 2 });
      return awake.size === 0;
    },
    leave: async () => {
      await neighbours?.stop();
      await bus?.close();
    },
  };
}

export interface MembershipParts {
  readonly awake: AwakeRooms;
  readonly connections: Connections;
  /** Loads a room that is about to come over. */
  makeStandby(ref: RoomRef, epoch: number): Promise<void>;
}
