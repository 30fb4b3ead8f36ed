import type { Principal } from "../core/domain/principal.ts";
import type { RoomKindName, RoomRef } from "../core/domain/room.ts";
import type { RoomHistory } from "../core/platform/repositories/room-history.ts";
import type { CommandReply } from "../core/protocol/events.ts";

/** The way to the rooms, wherever they are awake. Every failure is a DomainError. */
export interface RoomGateway {
  /** Runs a request as if it came through a socket; resolves when it is durable. */
  command(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<RoomReply>;
  /**
   * Makes a room with a new id. The same `payload.id` by the same person gives the same room.
   */
  create(by: Principal, room: NewRoom): Promise<CommandReply & { readonly id: string }>;
  /**
   * A request of the engine itself, in the room's own organisation: for people who are not known yet. What
   * it may do for them has been settled before.
   */
  system(org: string, ref: RoomRef, name: string, payload: unknown): Promise<RoomReply>;
  /** The organisation of a room, for the same people; null: no such room. */
  org(ref: RoomRef): Promise<string | null>;
}

/** Of a journaled request: `{ seq, at }`, see `CommandReply`. */
export type RoomReply = Readonly<Record<string, unknown>>;

interface NewRoom {
  readonly kind: RoomKindName;
  /** Whom it is about: it is encrypted under that person's key. */
  readonly subject?: string | undefined;
  /** Of the request that makes rooms of this kind. */
  readonly payload: { readonly id: string };
}

/** Rooms as they were. Whether the reader may is checked here, before. */
export interface HistoryReader extends RoomHistory {
  /** Whether the organisation has such a room. */
  exists(org: string, ref: RoomRef): Promise<boolean>;
}
