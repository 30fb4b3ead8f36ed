import { DomainError } from "../../core/domain/errors.ts";
import type { RoomRequest } from "../cluster/bus.ts";

export type Forward = (request: RoomRequest) => Promise<object>;

const waitingLimit = 256;
const retryAfterMs = 250;

/** Where requests wait while their room is being handed over, and the way after it once it has gone. */
export class Gate {
  #opening: PromiseWithResolvers<void> | null = null;
  #forward: Forward | null = null;
  #waiting = 0;

  get shut(): boolean {
    return this.#opening !== null;
  }

  /** The room is elsewhere. */
  get left(): boolean {
    return this.#forward !== null;
  }

  close(): void {
    this.#opening ??= Promise.withResolvers();
  }

  open(): void {
    this.#opening?.resolve();
    this.#opening = null;
  }

  /** What waits, and what still comes, goes after the room. */
  leadTo(forward: Forward): void {
    this.#forward = forward;
    this.open();
  }

  /** Resolves when the room is here again, or has gone. */
  async passable(): Promise<void> {
    await this.#opening?.promise;
  }

  /** Throws `busy` when too many wait. */
  async pass(request: RoomRequest, here: () => Promise<object>): Promise<object> {
    if (this.#opening) await this.#wait(this.#opening.promise);
    const gone = this.#after(request);
    if (gone) return gone;
    try {
      return await here();
    } catch (error) {
      // What the room let go of as it left finds it where it is now.
      const closed = error instanceof DomainError && error.code === "room_closed";
      const followed = closed ? this.#after(request) : null;
      if (!followed) throw error;
      return followed;
    }
  }

  #after(request: RoomRequest): Promise<object> | null {
    return this.#forward?.(request) ?? null;
  }

  async #wait(opened: Promise<void>): Promise<void> {
    if (this.#waiting >= waitingLimit) throw new DomainError("busy", undefined, { retryAfterMs });
    this.#waiting += 1;
    await opened;
    this.#waiting -= 1;
  }
}
