import type { WatchedProcess } from "../cpu.ts";
import type { DialectName, Place } from "./load/dialects.ts";

/** The load's shape: everyone in a room hears every message of it, its sender too. */
export const roomCount = 40;
export const membersPerRoom = 10;

export const contestantNames = ["hugmedo", "ws", "colyseus", "socket.io", "socket.io-batched"] as const;
export type ContestantName = (typeof contestantNames)[number];

/** A server to be measured. */
export interface Contestant {
  readonly name: ContestantName;
  readonly dialect: DialectName;
  /** Starts it so that it takes at least this rate, in messages a second over all rooms. */
  start(rate: number): Promise<Serving>;
}

/** A contestant's server in a process of its own, up and ready to be joined. */
export interface Serving {
  /** By room, where each of its members connects. */
  readonly rooms: readonly (readonly Place[])[];
  /** Its own process, named "server", and those of the services that it uses. */
  readonly processes: readonly WatchedProcess[];
  /** Beyond this rate its own limits for a client would refuse messages: start it anew. */
  readonly highestRate: number;
  stop(): Promise<void>;
}

/** The same place for every member of a room: servers that do not ask who connects. */
export function anonymousRooms(url: string): readonly (readonly Place[])[] {
  return Array.from({ length: roomCount }, (_, room) =>
    Array.from({ length: membersPerRoom }, () => ({ url, room: `room-${room}` })),
  );
}
