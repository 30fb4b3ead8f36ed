import { performance } from "node:perf_hooks";
import { DomainError } from "../core/domain/errors.ts";
import type { RoomRef } from "../core/domain/room.ts";
import { roomKey } from "../core/domain/room.ts";
import { withRequest } from "../core/platform/telemetry/request-scope.ts";
import type { AwakeRoom, AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import type { Done, ProcessCalls } from "../rooms/cluster/bus.ts";
import type { Directory, Surroundings } from "../rooms/cluster/directory.ts";
import { createMover, type Mover } from "../rooms/cluster/mover.ts";
import { joinNeighbours, type Neighbours } from "../rooms/cluster/neighbours.ts";
import { choose } from "../rooms/cluster/placement.ts";
import { createProcessBus, type ProcessBus } from "../rooms/cluster/process-bus.ts";
import { quietMs, takeOverFromTheDead } from "../rooms/cluster/take-over.ts";
import type { Connections } from "../rooms/socket/connections.ts";
import type { Context } from "./context.ts";

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
  let draining = false;
  let stopping = false;
  let emptying: Promise<void> | null = null;
  let tending = false;
  let leaseHeldAt = performance.now();
  let idle = performance.eventLoopUtilization();

  const known = (): Neighbours => {
    if (!neighbours) throw new DomainError("no_process");
    return neighbours;
  };
  const to = (process: string): ProcessCalls => {
    if (!bus) throw new DomainError("no_process");
    return bus.to(process);
  };
  const mover = createMover({
    awake,
    neighbours: known,
    to,
    log,
    moved: (outcome, pauseMs) => {
      metrics.handoffs.of({ outcome }).add();
      if (outcome === "moved") metrics.handoffPause.observe(pauseMs / 1e3);
    },
  });

  const surroundings: Surroundings = {
    self,
    place: (ref, except) => {
      const all = neighbours && bus?.connected ? neighbours.all() : [];
      const takers = all.filter(({ id }) => id !== except && !(stopping && id === self));
      return choose(takers, { seed: roomKey(ref), maxSilentMs: quietMs })?.id ?? self;
    },
    mayReplace: async (process) => neighbours === null || neighbours.mayReplace(process),
    to,
  };

  const here = (ref: RoomRef): AwakeRoom => {
    const room = awake.find(ref);
    if (!room) throw new DomainError("room_closed");
    return room;
  };

  /** Others say it is here: where it was claimed and did not come to life, it does now. */
  const saidToBeHere = async (
    ref: RoomRef,
    { wakeHere }: Pick<Directory, "wakeHere">,
  ): Promise<AwakeRoom> => {
    if (!awake.find(ref)) await wakeHere(ref);
    return here(ref);
  };

  const calls = (directory: Pick<Directory, "wakeHere">): ProcessCalls => ({
    wake: async ({ ref }) => {
      await directory.wakeHere(ref);
      return done;
    },
    seat: async ({ ref, by }) => (await saidToBeHere(ref, directory)).reserve(by),
    request: async ({ ref, by, name, payload, requestId }) => {
      const room = await saidToBeHere(ref, directory);
      return withRequest(requestId, () => room.request(by, name, payload));
    },
    prepare: async ({ ref, epoch }) => {
      if (draining || stopping) throw new DomainError("no_process");
      await makeStandby(ref, epoch);
      return done;
    },
    adopt: async (adoption) => {
      const standby = awake.standby(adoption.ref);
      if (!standby) throw new DomainError("room_closed");
      return standby.adopt(adoption);
    },
    abandon: async ({ ref }) => {
      awake.standby(ref)?.abandon();
      return done;
    },
    move: ({ ref, to: process, force }) => mover.move(here(ref), { to: process, force }),
  });

  /** Hands over all rooms for as long as an operator wants this process empty. */
  const empty = (): void => {
    emptying ??= mover
      .empty(() => draining && !stopping, { force: () => false })
      .finally(() => {
        emptying = null;
      });
  };

  const renewed = async (regained: boolean): Promise<void> => {
    const own = known()
      .all()
      .find(({ id }) => id === self);
    draining = own?.draining === true;
    leaseHeldAt = performance.now();
    if (regained) {
      await verifyAll();
      metrics.suspensions.add();
    }
    if (draining && !stopping) empty();
    if (draining || stopping || tending) return;
    tending = true;
    void tend().finally(() => {
      tending = false;
    });
  };

  const verifyAll = async (): Promise<void> => {
    const held = new Map((await owners.held(self)).map(({ ref, epoch }) => [roomKey(ref), epoch]));
    const doubtful = awake.all().filter(({ ref, epoch }) => held.get(roomKey(ref)) !== epoch);
    await Promise.all(doubtful.map((room) => room.verify()));
  };

  let tend = async (): Promise<void> => {};

  return {
    surroundings,
    mover,
    bus,
    neighbours: () => neighbours,
    suspended: () => neighbours?.suspended() === true,
    leaseAge: () => (performance.now() - leaseHeldAt) / 1e3,
    join: async (address, directory) => {
      if (!bus) return;
      await bus.serve(calls(directory));
      const own = () => {
        const now = performance.eventLoopUtilization(idle);
        idle = performance.eventLoopUtilization();
        return {
          id: self,
          address,
          version,
          rooms: awake.size,
          people: connections.size,
          load: now.utilization,
        };
      };
      const joined = await joinNeighbours({
        processes,
        bus,
        log,
        own,
        renewed: (regained) => (neighbours ? renewed(regained) : Promise.resolve()),
      });
      neighbours = joined;
      tend = () =>
        takeOverFromTheDead({
          owners,
          processes,
          neighbours: joined,
          wake: directory.wake,
          log,
        }).catch((error: unknown) =>
          log.warn({ err: error }, "rooms of the dead could not be looked for; trying again"),
        );
    },
    drain: async (withinMs) => {
      if (!neighbours) return false;
      stopping = true;
      await processes.setDraining(self, true).catch(() => {});
      await emptying;
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

const done: Done = {};
