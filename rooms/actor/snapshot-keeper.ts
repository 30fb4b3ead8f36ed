import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import { encodeSnapshot, snapshotVersion } from "../../core/platform/journal/codec.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";

/** Events after which a state is kept again; a large one less often, so that keeping it stays cheap. */
const every = 256;
const bytesPerEvent = 1_024;

/** Keeps a room's durable state from time to time, so that it wakes without reading its history. */
export class SnapshotKeeper {
  readonly #ref: RoomRef;
  readonly #key: DataKey;
  readonly #store: Snapshots;
  readonly #log: () => Logger;
  #keptSeq: number;
  #keptBytes = 0;

  constructor(
    room: { readonly ref: RoomRef; readonly key: DataKey; readonly seq: number },
    ports: { readonly snapshots: Snapshots; readonly log: () => Logger },
  ) {
    this.#ref = room.ref;
    this.#key = room.key;
    this.#keptSeq = room.seq;
    this.#store = ports.snapshots;
    this.#log = ports.log;
  }

  /** Keeps the state in the background when enough has happened since the last one. */
  consider(seq: number, state: () => unknown): void {
    const after = Math.max(every, this.#keptBytes / bytesPerEvent);
    if (seq - this.#keptSeq >= after) void this.save(seq, state());
  }

  /** A failure is no loss: the journal has everything. */
  async save(seq: number, state: unknown): Promise<void> {
    this.#keptSeq = seq;
    try {
      const payload = encodeSnapshot(this.#key, this.#ref, seq, state);
      this.#keptBytes = payload.length;
      await this.#store.save(this.#ref, { seq, version: snapshotVersion, payload });
    } catch (error) {
      this.#log().warn({ err: error }, "a snapshot was not saved; the journal has everything");
    }
  }
}
