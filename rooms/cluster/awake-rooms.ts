import type { Principal } from "../../core/domain/principal.ts";
import { type RoomKindName, type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { Seat } from "../../core/protocol/events.ts";
import type { Standstill } from "../actor/room-actor.ts";
import type { Adoption, RoomRequest } from "./bus.ts";

/** A room that is awake on this process. */
export interface AwakeRoom {
  readonly ref: RoomRef;
  readonly epoch: number;
  /** How many are connected. */
  readonly connected: number;
  /** How many are in its call. */
  readonly callers: number;
  /** Something of it is under way in another room: an admission, a transfer. */
  readonly isFragile: boolean;
  /** A request from anywhere. Throws DomainError. */
  request(by: Principal, name: string, payload: unknown): Promise<object>;
  /** A seat for somebody. Throws `room_closed`. */
  reserve(by: Principal): Promise<Seat>;
  /** Ends it here in good order. */
  seal(): Promise<void>;
  /** Ends it here at once where the database says that it is no longer ours. Throws when that cannot be asked. */
  verify(): Promise<void>;

  /** Takes nothing more, so that it can be handed over; what comes now waits. null: it does not come to a stand in time. */
  freeze(withinMs: number): Promise<(Standstill & Pick<Adoption, "sessions" | "awaited">) | null>;
  /** Goes on here, if it is still ours. Throws when the database cannot be asked. */
  thaw(): Promise<boolean>;
  /** It is elsewhere now: everybody is told of their seat there, and what still comes is sent after it. */
  leaveTo(seats: readonly Seat[], forward: (request: RoomRequest) => Promise<object>): void;
  /** It is elsewhere now, and nobody knows where: everybody is told to join again. */
  leave(): void;
}

/** A room that was loaded here and waits for its present owner to hand it over. */
export interface StandbyRoom {
  readonly ref: RoomRef;
  /** Takes it over, and keeps a seat for everybody who was in it. Throws `room_closed`. */
  adopt(adoption: Adoption): Promise<readonly Seat[]>;
  /** It does not come. */
  abandon(): void;
}

/** The rooms of this process by their logical address. */
export class AwakeRooms {
  readonly #rooms = new Map<string, AwakeRoom>();
  readonly #standby = new Map<string, StandbyRoom>();
  readonly #leaving = new Map<string, Promise<void>>();

  add(room: AwakeRoom): void {
    this.#rooms.set(roomKey(room.ref), room);
  }

  /** The room is going; until `gone` nobody should wake it again. */
  leave(room: AwakeRoom, gone: Promise<void>): void {
    const key = roomKey(room.ref);
    if (this.#rooms.get(key) !== room) return;
    this.#rooms.delete(key);
    this.#leaving.set(key, gone);
    gone.finally(() => {
      if (this.#leaving.get(key) === gone) this.#leaving.delete(key);
    });
  }

  find(ref: RoomRef): AwakeRoom | undefined {
    return this.#rooms.get(roomKey(ref));
  }

  all(): readonly AwakeRoom[] {
    return [...this.#rooms.values()];
  }

  /** A room comes into standby, or is no longer in it. */
  stand(room: StandbyRoom, by: boolean): void {
    const key = roomKey(room.ref);
    if (by) this.#standby.set(key, room);
    else if (this.#standby.get(key) === room) this.#standby.delete(key);
  }

  standby(ref: RoomRef): StandbyRoom | undefined {
    return this.#standby.get(roomKey(ref));
  }

  async settled(ref: RoomRef): Promise<void> {
    await this.#leaving.get(roomKey(ref));
  }

  get size(): number {
    return this.#rooms.size;
  }

  byKind(): Readonly<Record<RoomKindName, number>> {
    const counts = { chat: 0, waiting: 0, consultation: 0 };
    for (const { ref } of this.#rooms.values()) counts[ref.kind] += 1;
    return counts;
  }

  /** How many people are in calls of rooms that are awake here. */
  callers(): number {
    return this.all().reduce((sum, { callers }) => sum + callers, 0);
  }

  async sealAll(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.seal()));
    await Promise.all(this.#leaving.values());
  }
}
