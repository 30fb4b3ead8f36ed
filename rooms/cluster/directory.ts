import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { matchMaker } from "@colyseus/core";
import { DomainError, isErrorCode } from "../../core/domain/errors.ts";
import type { Errand } from "../../core/domain/feature.ts";
import { hasRole, type Principal, systemPrincipal } from "../../core/domain/principal.ts";
import { type RoomKindName, type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { awayRetryMs } from "../../core/platform/database/away.ts";
import type { RoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { currentRequest } from "../../core/platform/telemetry/request-scope.ts";
import type { Seat } from "../../core/protocol/events.ts";
import type { Sender } from "../actor/errand-runner.ts";
import type { AwakeRoom, AwakeRooms } from "./awake-rooms.ts";
import type { ProcessCalls } from "./bus.ts";
import type { Door } from "./doors.ts";
import { shared } from "./shared.ts";

/** Finds rooms by their logical address, wakes those that sleep, and makes new ones. */
export interface Directory {
  /** A seat in the room for this person. Throws `room_not_found` also for whoever is not a member. */
  join(by: Principal, ref: RoomRef): Promise<Seat>;
  /** A request to the room, wherever it comes from. Throws DomainError. */
  command(by: Principal, ref: RoomRef, name: string, payload: unknown): Promise<object>;
  /** Brings one room's errand to another, in the engine's name. Throws DomainError. */
  deliver(from: Sender, errand: Errand<RoomRef>): Promise<void>;
  /**
   * Makes a room, whose first command is its kind's `create`; the same request again gives the same room. `id` is for
   * rooms that have a name of their own.
   */
  create(by: Principal, room: NewRoom): Promise<{ readonly id: string; readonly reply: object }>;
  /** Wakes a room that has something to do, wherever there is most room for it. */
  wake(ref: RoomRef): Promise<void>;
  /** Wakes it on this process, unless it is awake. Throws `room_closed` when another has it, or claims it at the same time. */
  wakeHere(ref: RoomRef): Promise<void>;
}

export interface NewRoom {
  readonly kind: RoomKindName;
  readonly id?: string;
  /** The person that the room is about; their key then encrypts it. */
  readonly subject?: string | undefined;
  /** Of the kind's `create` request. */
  readonly payload: { readonly id: string; readonly [field: string]: unknown };
}

export interface DirectoryParts {
  readonly awake: AwakeRooms;
  readonly owners: RoomOwners;
  readonly keys: DataKeys;
  readonly doors: Readonly<Record<RoomKindName, Door>>;
  readonly cluster: Surroundings;
}

/** What the directory needs to know of the other processes. */
export interface Surroundings {
  readonly self: string;
  /** Where a room is to wake: this process's own id, or another's; not on `except`, which has lost it. */
  place(ref: RoomRef, except: string | null): string;
  /** Whether a process's rooms may be claimed by others. */
  mayReplace(process: string): Promise<boolean>;
  to(process: string): ProcessCalls;
}

/** Where a room is awake. */
type Whereabouts = { readonly here: AwakeRoom } | { readonly there: ProcessCalls };

const creation: Readonly<Record<RoomKindName, string>> = {
  chat: "chat.create",
  waiting: "queue.create",
  consultation: "visit.create",
};

/** A room that moves, sleeps, or has lost its process is there again soon: so long it is looked for (ms). */
const patienceMs = 8_000;
const firstPauseMs = 20;
const longestPauseMs = 400;

export function createDirectory({ awake, owners, keys, doors, cluster }: DirectoryParts): Directory {
  const { self } = cluster;

  const wakeHere = async (ref: RoomRef): Promise<AwakeRoom> => awake.find(ref) ?? wakeUp(ref);

  const wakeUp = shared(roomKey, async (ref: RoomRef): Promise<AwakeRoom> => {
    await awake.settled(ref);
    const owner = await owners.find(ref);
    if (!owner || !matchMaker.getRoomClass(ref.kind)) throw new DomainError("room_not_found");
    if (await isElsewhere(owner.process)) throw new DomainError("room_closed");
    await matchMaker.createRoom(ref.kind, { ref, epoch: owner.epoch }).catch(asDomainError);
    const room = awake.find(ref);
    if (!room) throw new DomainError("room_closed");
    return room;
  });

  const isElsewhere = async (process: string | null): Promise<boolean> =>
    process !== null && process !== self && !(await cluster.mayReplace(process));

  /** Wakes the room where it sleeps, or where its process is gone. */
  const locate = async (ref: RoomRef): Promise<Whereabouts> => {
    const room = awake.find(ref);
    return room ? { here: room } : seek(ref);
  };

  const seek = shared(roomKey, async (ref: RoomRef): Promise<Whereabouts> => {
    const owner = await owners.find(ref);
    if (!owner) throw new DomainError("room_not_found");
    const { process } = owner;
    if (process !== null && (await isElsewhere(process))) return { there: cluster.to(process) };
    const place = cluster.place(ref, process === self ? null : process);
    if (place === self) return { here: await wakeHere(ref) };
    const there = cluster.to(place);
    await there.wake({ ref });
    return { there };
  });

  const persist = async <T>(attempt: () => Promise<T>): Promise<T> => {
    const until = performance.now() + patienceMs;
    for (let tries = 0; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (!isPassing(error) || performance.now() > until) throw error;
        await delay(Math.min(longestPauseMs, firstPauseMs * 2 ** tries) * (0.5 + Math.random() / 2));
      }
    }
  };

  const ask: Directory["command"] = (by, ref, name, payload) =>
    persist(async () => {
      const found = await locate(ref);
      if ("here" in found) return found.here.request(by, name, payload);
      return found.there.request({ ref, by, name, payload, requestId: currentRequest() });
    });

  const knock = async (by: Principal, ref: RoomRef): Promise<void> => {
    if (!hasRole(by, "system") && !(await doors[ref.kind](by, ref))) throw new DomainError("room_not_found");
  };

  /** Makes the room's row, with the key of whom it is about. What is there already stays as it is. */
  const make = async (org: string, ref: RoomRef, subject: string | undefined): Promise<void> => {
    const key = await keys.ensure(
      subject === undefined
        ? { org, scope: "room", subject: roomKey(ref) }
        : { org, scope: "person", subject },
    );
    await owners.create(ref, org, key.id);
  };

  return {
    command: async (by, ref, name, payload) => {
      await knock(by, ref);
      return ask(by, ref, name, payload);
    },
    join: async (by, ref) => {
      await knock(by, ref);
      return persist(async () => {
        const found = await locate(ref);
        if ("there" in found) return found.there.seat({ ref, by });
        return found.here.reserve(by).catch((cause: unknown) => {
          throw new DomainError("room_closed", undefined, { cause });
        });
      });
    },
    create: async (by, { kind, id, subject, payload }) => {
      const ref = { kind, id: id ?? idOfRequest(by, payload.id) };
      await make(by.org, ref, subject);
      return { id: ref.id, reply: await ask(by, ref, creation[kind], payload) };
    },
    deliver: async ({ org, ref }, { to, name, payload, make: making }) => {
      if (making) await make(org, to, making.subject);
      await ask(systemPrincipal(org), to, name, { ...payload, from: ref });
    },
    wake: async (ref) => {
      await persist(() => locate(ref));
    },
    wakeHere: async (ref) => {
      await wakeHere(ref);
    },
  };
}

/** The room is on its way, or its process cannot be reached at this moment. */
function isPassing(error: unknown): boolean {
  return error instanceof DomainError && error.code === "room_closed";
}

/** The same request of the same person makes the same room. An id opens nothing: membership does. */
function idOfRequest(by: Principal, request: string): string {
  return createHash("sha256").update(`${by.org}\n${by.id}\n${request}`).digest("hex").slice(0, 32);
}

/** Colyseus wraps what a room throws while it wakes, and keeps its code. */
function asDomainError(error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (isErrorCode(code)) throw new DomainError(code, undefined, { cause: error });
  throw new DomainError("unavailable", undefined, { retryAfterMs: awayRetryMs, cause: error });
}
