import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type IRoomCache, matchMaker } from "@colyseus/core";
import { DomainError, isErrorCode } from "../../core/domain/errors.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { type RoomKindName, type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { DataKeys } from "../../core/platform/crypto/data-keys.ts";
import type { Conversations } from "../../core/platform/repositories/conversations.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import type { AwakeRooms } from "./awake-rooms.ts";

type SeatReservation = Awaited<ReturnType<typeof matchMaker.reserveSeatFor>>;

/** Finds rooms by their logical address, wakes those that sleep, and makes new ones. */
export interface Directory {
  /** A seat in the room for this person. Throws `room_not_found` also for whoever is not a member. */
  join(by: Principal, ref: RoomRef, options: object): Promise<SeatReservation>;
  /** A request to the room, wherever it comes from. Throws DomainError. */
  command(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<object>;
  /**
   * Makes a room, whose first command `<kind>.create` then is; the same request again gives the same room. `id` is for
   * rooms that have a name of their own.
   */
  create(by: Principal, room: NewRoom): Promise<{ readonly id: string; readonly reply: object }>;
  /** Wakes a room that has something to do. */
  wake(ref: RoomRef): Promise<void>;
}

export interface NewRoom {
  readonly kind: RoomKindName;
  readonly id?: string;
  /** The person that the room is about; their key then encrypts it. */
  readonly subject?: string | undefined;
  readonly payload: { readonly id: string };
}

export interface DirectoryParts {
  readonly awake: AwakeRooms;
  readonly owners: RoomOwners;
  readonly keys: DataKeys;
  readonly conversations: Pick<Conversations, "membership">;
}

/** A room that moves or sleeps at this moment is there again at once. */
const tries = 5;
const pauseMs = 50;

export function createDirectory({ awake, owners, keys, conversations }: DirectoryParts): Directory {
  const waking = new Map<string, Promise<IRoomCache>>();
  const listings = new WeakMap<object, IRoomCache>();

  /** The awake incarnation; many who ask at once wake it once. */
  const resolve = async (ref: RoomRef): Promise<IRoomCache> => {
    const room = awake.find(ref);
    const listed = room && listings.get(room);
    if (listed) return listed;
    const key = roomKey(ref);
    const known = waking.get(key);
    if (known) return known;
    const woken = wakeUp(ref).finally(() => waking.delete(key));
    waking.set(key, woken);
    return woken;
  };

  const wakeUp = async (ref: RoomRef): Promise<IRoomCache> => {
    await awake.settled(ref);
    if (!matchMaker.getRoomClass(ref.kind)) throw new DomainError("room_not_found");
    const listing = await matchMaker.createRoom(ref.kind, { ref }).catch(asDomainError);
    const room = awake.find(ref);
    if (!room) throw new DomainError("room_closed");
    listings.set(room, listing);
    return listing;
  };

  const persist = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (let left = tries; ; left -= 1) {
      try {
        return await attempt();
      } catch (error) {
        if (left <= 1 || !(error instanceof DomainError) || error.code !== "room_closed") throw error;
        await delay(pauseMs * Math.random());
      }
    }
  };

  const ask: Directory["command"] = (by, ref, name, payload) =>
    persist(async () => {
      await resolve(ref);
      const room = awake.find(ref);
      if (!room) throw new DomainError("room_closed");
      return room.request(by, name, payload);
    });

  /** Whoever is not a member wakes nothing. The room itself asks again, of its own state. */
  const requireMember = async (by: Principal, ref: RoomRef): Promise<void> => {
    if (!(await conversations.membership(ref, by.id))) throw new DomainError("room_not_found");
  };

  return {
    command: async (by, ref, name, payload) => {
      await requireMember(by, ref);
      return ask(by, ref, name, payload);
    },
    join: (by, ref, options) =>
      persist(async () => {
        await requireMember(by, ref);
        const listing = await resolve(ref);
        return matchMaker.reserveSeatFor(listing, options, by).catch((cause: unknown) => {
          throw new DomainError("room_closed", undefined, { cause });
        });
      }),
    create: async (by, { kind, id, subject, payload }) => {
      const ref = { kind, id: id ?? idOfRequest(by, payload.id) };
      const key = await keys.ensure(
        subject === undefined
          ? { org: by.org, scope: "room", subject: roomKey(ref) }
          : { org: by.org, scope: "person", subject },
      );
      await owners.create(ref, by.org, key.id);
      return { id: ref.id, reply: await ask(by, ref, `${kind}.create`, payload) };
    },
    wake: async (ref) => {
      await persist(() => resolve(ref));
    },
  };
}

/** The same request of the same person makes the same room. An id opens nothing: membership does. */
function idOfRequest(by: Principal, request: string): string {
  return createHash("sha256").update(`${by.org}\n${by.id}\n${request}`).digest("hex").slice(0, 32);
}

/** Colyseus wraps what a room throws while it wakes, and keeps its code. */
function asDomainError(error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (isErrorCode(code)) throw new DomainError(code, undefined, { cause: error });
  throw new DomainError("unavailable", undefined, { cause: error });
}
