import type { Principal } from "../../core/domain/principal.ts";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";

/** A room that is awake on this process. */
export interface AwakeRoom {
  readonly ref: RoomRef;
  request(by: Principal, name: string, payload: unknown): Promise<object>;
  /** Ends it here in good order. */
  seal(): Promise<void>;
}

/** The rooms of this process by their logical address. */
export class AwakeRooms {
  readonly #rooms = new Map<string, AwakeRoom>();
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

  async settled(ref: RoomRef): Promise<void> {
    await this.#leaving.get(roomKey(ref));
  }

  get size(): number {
    return this.#rooms.size;
  }

  async sealAll(): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.seal()));
    await Promise.all(this.#leaving.values());
  }
}
