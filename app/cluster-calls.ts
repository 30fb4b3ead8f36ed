import { DomainError } from "../core/domain/errors.ts";
import type { RoomRef } from "../core/domain/room.ts";
import { withRequest } from "../core/platform/telemetry/request-scope.ts";
import type { AwakeRoom, AwakeRooms } from "../rooms/cluster/awake-rooms.ts";
import type { Done, ProcessCalls } from "../rooms/cluster/bus.ts";
import type { Directory } from "../rooms/cluster/directory.ts";
import type { Mover } from "../rooms/cluster/mover.ts";

interface Parts {
  readonly awake: AwakeRooms;
  readonly mover: Mover;
  readonly directory: Pick<Directory, "wakeHere">;
  /** Loads a room that is about to come over. */
  makeStandby(ref: RoomRef, epoch: number): Promise<void>;
  takesRooms(): boolean;
}

const done: Done = {};

/** What the other processes may ask of this one. */
export function answerCalls({ awake, mover, directory, makeStandby, takesRooms }: Parts): ProcessCalls {
  const here = (ref: RoomRef): AwakeRoom => {
    const room = awake.find(ref);
    if (!room) throw new DomainError("room_closed");
    return room;
  };
  /** Others say it is here: where it was claimed and did not come to life, it does now. */
  const saidToBeHere = async (ref: RoomRef): Promise<AwakeRoom> => {
    if (!awake.find(ref)) await directory.wakeHere(ref);
    return here(ref);
  };
  return {
    wake: async ({ ref }) => {
      await directory.wakeHere(ref);
      return done;
    },
    seat: async ({ ref, by }) => (await saidToBeHere(ref)).reserve(by),
    request: async ({ ref, by, name, payload, requestId }) => {
      const room = await saidToBeHere(ref);
      return withRequest(requestId, () => room.request(by, name, payload));
    },
    prepare: async ({ ref, epoch }) => {
      if (!takesRooms()) throw new DomainError("no_process");
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
  };
}
