import { z } from "zod";
import { roomIdPattern, roomKinds } from "../domain/room.ts";
import { listQuery } from "./rest.ts";
import { at, page } from "./rest-parts.ts";

/** What operators see of a cluster, and what they may ask of it. Nothing in here is about people. */

export const processIdPattern = /^[0-9a-f]{12}-[0-9a-f]{6}$/;
export const processId = z.string().regex(processIdPattern);

export const clusterProcess = z.object({
  id: processId,
  /** Where clients reach its sockets. */
  address: z.string(),
  version: z.string(),
  /** `gone`: silent for so long that others take its rooms. */
  state: z.enum(["up", "draining", "gone"]),
  startedAt: at,
  /** Since its last sign of life (ms). */
  silentMs: z.int(),
  rooms: z.int(),
  people: z.int(),
  /** Of its event loop, 0 to 1. */
  load: z.number(),
});
export type ClusterProcess = z.infer<typeof clusterProcess>;
export const clusterProcesses = z.object({ items: z.array(clusterProcess) });
export const processParams = z.object({ id: processId });

const room = { kind: z.enum(roomKinds), id: z.string().regex(roomIdPattern) };

export const clusterRoom = z.object({
  ...room,
  /** null: it sleeps. */
  process: processId.nullable(),
  epoch: z.int(),
});
export type ClusterRoom = z.infer<typeof clusterRoom>;
export const clusterRooms = page(clusterRoom);
/** `process`: only rooms that are awake there. */
export const clusterRoomsQuery = listQuery.extend({
  process: processId.optional(),
  kind: z.enum(roomKinds).optional(),
});

/** `force`: also while an admission or a transfer of it is under way. `to`: null or left out: where there is most room. */
export const moveRequest = z.strictObject({ to: processId.nullish(), force: z.boolean().default(false) });

export const moveOutcome = z.object({
  ...room,
  from: processId,
  to: processId,
  /** From the moment the room took nothing more to the moment it took requests again (ms). */
  pauseMs: z.number(),
  /** Connections that were given a seat there. */
  seats: z.int(),
});
export type MoveOutcome = z.infer<typeof moveOutcome>;

export const rebalanceRequest = z.strictObject({ dryRun: z.boolean().default(false) });

export const rebalancePlan = z.object({
  /** Rooms of each process as they are, and as they will be. */
  processes: z.array(z.object({ id: processId, rooms: z.int(), after: z.int() })),
  moves: z.array(z.object({ ...room, from: processId, to: processId })),
  /** Whether it is being carried out. */
  started: z.boolean(),
});
export type RebalancePlan = z.infer<typeof rebalancePlan>;
