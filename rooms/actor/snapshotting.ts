import type { RoomRef } from "../../core/domain/room.ts";
import type { DataKey } from "../../core/platform/crypto/data-keys.ts";
import { encodeSnapshot, snapshotVersion } from "../../core/platform/journal/codec.ts";
import type { Snapshots } from "../../core/platform/repositories/snapshots.ts";

/** Keeps a durable state, so that the room wakes without reading its history. */
export function saveSnapshot(
  snapshots: Snapshots,
  key: DataKey,
  ref: RoomRef,
  seq: number,
  state: unknown,
): Promise<void> {
  const payload = encodeSnapshot(key, ref, seq, state);
  return snapshots.save(ref, { seq, version: snapshotVersion, payload });
}
