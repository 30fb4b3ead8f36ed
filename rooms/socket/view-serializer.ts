import { type Client, Protocol, SchemaSerializer } from "@colyseus/core";
import type { Schema } from "@colyseus/schema";

/** Colyseus' serializer, set right for rooms of which not everyone sees everything, and of any size. */
export class ViewSerializer extends SchemaSerializer<Schema> {
  readonly #viewers: () => Client[];

  constructor(viewers: () => Client[]) {
    super();
    this.#viewers = viewers;
  }

  /**
   * Colyseus sends a patch to everyone, an empty one to those who see nothing of what changed. With hundreds
   * of patients in a room that would be most of what a command of the staff costs, so what is in a view alone
   * goes to the viewers alone.
   */
  override applyPatches(clients: Client[], state?: unknown): boolean {
    return super.applyPatches(this.#isForAll() ? clients : this.#viewers(), state);
  }

  /**
   * Where everyone's part does not fit into the buffer, Colyseus sends viewers a part of it blank; and where
   * the whole does not, it warns of every join. So the buffer grows, and stays as large.
   */
  override getFullState(client?: Client): Uint8Array {
    const full = super.getFullState(client);
    if (full.length <= this.fullEncodeBuffer.length) return full;
    this.fullEncodeBuffer = new Uint8Array(full.length * 2);
    this.fullEncodeBuffer[0] = Protocol.ROOM_STATE;
    this.needFullEncode = true;
    return super.getFullState(client);
  }

  #isForAll(): boolean {
    if (!this.hasFilters || !this.encoder.hasChanges) return true;
    return this.encoder.encode({ offset: 0 }).length > 0;
  }
}
