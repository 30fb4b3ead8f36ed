import type { Principal } from "../../core/domain/principal.ts";
import type { Seat } from "../../core/protocol/events.ts";
import type { Adoption } from "../cluster/bus.ts";
import type { RoomClient } from "./crowd.ts";
import type { RoomView } from "./room-view.ts";

/** A seat, but for the process that it is on. */
export type Place = Pick<Seat, "name" | "sessionId" | "roomId">;

/** What a room's life needs of the Colyseus room around it. */
export interface Shell {
  /** Everybody's connections, also those that are just joining. */
  clients(): readonly RoomClient[];
  /** Its address from now on: new with every activation. */
  rename(roomId: string): void;
  /** Keeps this schema in step with everyone from now on. */
  keep(schema: RoomView<unknown>["schema"]): void;
  /** Leaves the room out of Colyseus' own listings. */
  hide(): Promise<void>;
  /** Sends what has changed of the schema until now. */
  patch(): void;
  /** The schema's whole state, as this client sees it. */
  fullState(client: RoomClient): Uint8Array;
  /** Keeps a seat for somebody who is on the way. */
  reserve(by: Principal): Promise<Place>;
  /** Keeps the seats of connections that are elsewhere now, under their sessions and in their order. */
  reserveAll(sessions: Adoption["sessions"]): Promise<readonly Place[]>;
  /** Ends the room, and its connections with this code. */
  close(code?: number): void;
}
