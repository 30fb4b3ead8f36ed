import type { Principal } from "../../core/domain/principal.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Activated, Loaded } from "../actor/activation.ts";
import type { RoomListener } from "../actor/room-actor.ts";
import type { RoomWatch } from "../actor/room-watch.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { AwakeRooms } from "../cluster/awake-rooms.ts";
import type { Connections } from "./connections.ts";
import type { Urgency } from "./patch-schedule.ts";
import type { Personal, RoomView, ViewedRoom } from "./room-view.ts";

/** What the rooms of one kind are made with. */
export interface ActorRoomParts<Root> {
  activate(ref: RoomRef, epoch: number, listener: RoomListener<Root>): Promise<Activated<Root>>;
  /** For a room that is to be handed over to us: what it is now, and later, that it is ours. */
  load(ref: RoomRef): Promise<Loaded<Root>>;
  takeOver(loaded: Loaded<Root>, epoch: number, listener: RoomListener<Root>): Promise<Activated<Root>>;
  /** `changed` and `tell` are for what the view does by itself. */
  createView(
    initial: Root,
    room: ViewedRoom,
    changed: (urgency: Urgency) => void,
    tell: (messages: readonly Personal[]) => void,
  ): RoomView<Root>;
  readonly awake: AwakeRooms;
  readonly connections: Connections;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  readonly watch: RoomWatch;
  /** What the seats of this process are told by. */
  readonly address: () => { readonly processId: string; readonly publicAddress?: string };
  /** Whether this process has lost touch with the database, so that its rooms may be somebody else's. */
  readonly suspended: () => boolean;
  readonly sessionAlive: (session: string) => boolean;
  /** Keeps who came and went: between the two, what the room shows is seen. A room that moves takes people with it. */
  readonly trace: (by: Principal, room: RoomRef, what: "room.joined" | "room.left") => void;
  readonly commandsPerSecond: number;
  /** How long a room stays awake when nobody is there (ms). */
  readonly idleMs: number;
}
