import { z } from "zod";
import { factors } from "../../core/domain/factors.ts";
import { roles } from "../../core/domain/principal.ts";
import { roomIdPattern, roomKinds } from "../../core/domain/room.ts";
import { scopeNames } from "../../core/domain/scopes.ts";

/** What one process asks of another. Every failure is a DomainError; `room_closed` where nobody answered in time. */
export interface ProcessCalls {
  /** Wakes a sleeping room there. */
  wake(call: Of<"wake">): Promise<Done>;
  /** Takes a seat for somebody in a room that is awake there. Throws `room_closed` when it is not. */
  seat(call: Of<"seat">): Promise<z.output<typeof seat>>;
  /** A request to a room that is awake there. Throws `room_closed` when it is not. */
  request(call: RoomRequest): Promise<object>;
  /** Loads a room that is about to come over, so that little is left to do when it does. */
  prepare(call: Of<"prepare">): Promise<Done>;
  /**
   * Takes over a prepared room that its owner has brought to a stand, and keeps seats for those who were in it. The
   * same again is answered again.
   */
  adopt(call: Adoption): Promise<readonly z.output<typeof seat>[]>;
  /** Forgets a prepared room. */
  abandon(call: Of<"abandon">): Promise<Done>;
  /** Moves a room from there to another process. Throws `room_closed`, `room_fragile`, `no_process`. */
  move(call: Of<"move">): Promise<MoveResult>;
}

export type RoomRequest = Of<"request">;
export type Adoption = Of<"adopt">;
export type MoveResult = z.output<typeof moveResult>;
export type Done = Readonly<Record<string, never>>;

const ref = z.object({ kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) });
const principal = z.object({
  org: z.string(),
  id: z.string(),
  name: z.string(),
  roles: z.array(z.enum(roles)).readonly(),
  session: z.string(),
  factors: z.array(z.enum(factors)).readonly().optional(),
  scopes: z.array(z.enum(scopeNames)).readonly().optional(),
});

/** What is asked, by the name of the call. */
export const inputs = {
  wake: z.object({ ref }),
  seat: z.object({ ref, by: principal }),
  request: z.object({
    ref,
    by: principal,
    name: z.string(),
    payload: z.unknown(),
    /** Of the HTTP request that it is part of. */
    requestId: z.string().optional(),
  }),
  prepare: z.object({ ref, epoch: z.int() }),
  adopt: z.object({
    ref,
    /** Of the present owner. */
    epoch: z.int(),
    sessions: z.array(z.object({ sessionId: z.string(), auth: principal })).readonly(),
    /** People whose connections are broken, and may yet come back. */
    awaited: z.array(z.string()).readonly(),
  }),
  abandon: z.object({ ref }),
  /** `force`: also while the room has something under way in another one. */
  move: z.object({ ref, to: z.string(), force: z.boolean() }),
} as const;
type Of<Call extends keyof typeof inputs> = Readonly<z.output<(typeof inputs)[Call]>>;

export const done = z.object({}).transform((): Done => ({}));
export const seat = z.object({
  name: z.string(),
  sessionId: z.string(),
  roomId: z.string(),
  processId: z.string(),
  publicAddress: z.string().exactOptional(),
});
export const seats = z.array(seat).readonly();
export const reply = z.looseObject({});
/** `pauseMs`: from when the room took nothing more until it was served there. */
export const moveResult = z.object({ pauseMs: z.number(), seats: z.int() });
