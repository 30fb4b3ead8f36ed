import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import { encodeSnapshot, snapshotVersion } from "../../core/platform/journal/codec.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";

const every = 256;

/** Keeps a room's durable state from time to time, so that it wakes without reading its history. */
export class SnapshotKeeper {
  readonly #ref: RoomRef;
  readonly #key: DataKey;
  readonly #store: Snapshots;
  readonly #log: Logger;
  #keptSeq: number;

  constructor(
    room: { readonly ref: RoomRef; readonly key: DataKey; readonly seq: number },
    ports: { readonly snapshots: Snapshots; readonly log: Logger },
  ) {
    this.#ref = room.ref;
    this.#key = room.key;
    this.#keptSeq = room.seq;
    this.#store = ports.snapshots;
    this.#log = ports.log;
  }

  /** Keeps the state in the background when enough has happened since the last one. */
  consider(seq: number, state: unknown): void {
    if (seq - this.#keptSeq >= every) void this.save(seq, state);
  }

  /** A failure is no loss: the journal has everything. */
  async save(seq: number, state: unknown): Promise<void> {
    this.#keptSeq = seq;
    try {
      const payload = encodeSnapshot(this.#key, this.#ref, seq, state);
      await this.#store.save(this.#ref, { seq, version: snapshotVersion, payload });
    } catch (error) {
      this.#log.warn({ err: error, ...this.#ref }, "a snapshot was not saved; the journal has everything");
    }
  }
}
