import { amends } from "../../domain/conversation/events.ts";
import { erasedEvent } from "../../domain/erased.ts";
import type { DomainEvent, Recorded } from "../../domain/feature.ts";
import { type RoomRef, roomKey } from "../../domain/room.ts";
import { currentVersion, upcast } from "../../domain/upcast.ts";
import type { DataKey } from "../crypto/data-keys.ts";
import { open, seal } from "../crypto/envelope.ts";

/** An event as the journal keeps it: its kind in the clear, what it says encrypted. */
export interface JournalEntry {
  readonly seq: number;
  readonly type: string;
  readonly version: number;
  readonly actor: string;
  /** Seq of the message that it amends. */
  readonly amends: number | null;
  readonly at: number;
  readonly payload: Uint8Array;
}

export function encodeEvent(key: DataKey, ref: RoomRef, { seq, at, by, event }: Recorded): JournalEntry {
  const { type, ...payload } = event;
  return {
    seq,
    type,
    version: currentVersion(type),
    actor: by,
    amends: amends(event),
    at,
    payload: seal(key.cipher, JSON.stringify(payload), placeOf(ref, seq)),
  };
}

/** Whether the entry's key was destroyed. */
export function isErased(key: DataKey, { seq }: Pick<JournalEntry, "seq">): boolean {
  return seq < key.since;
}

/** Throws when the bytes are not those that were written at this place; what was erased is a marker. */
export function decodeEvent(key: DataKey, ref: RoomRef, entry: JournalEntry): Recorded {
  const { seq, at, actor, type, version } = entry;
  if (isErased(key, entry)) return { seq, at, by: actor, event: erasedEvent(type, seq) };
  const payload = upcast(type, version, parseObject(open(key.cipher, entry.payload, placeOf(ref, seq))));
  const event: DomainEvent = { ...payload, type };
  return { seq, at, by: actor, event };
}

export const snapshotVersion = 1;

export function encodeSnapshot(key: DataKey, ref: RoomRef, seq: number, state: unknown): Uint8Array {
  return seal(key.cipher, JSON.stringify(state), `${placeOf(ref, seq)} state`);
}

export function decodeSnapshot(key: DataKey, ref: RoomRef, seq: number, payload: Uint8Array): unknown {
  return JSON.parse(open(key.cipher, payload, `${placeOf(ref, seq)} state`).toString());
}

function placeOf(ref: RoomRef, seq: number): string {
  return `${roomKey(ref)}/${seq}`;
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(bytes.toString());
  if (typeof value !== "object" || value === null) throw new Error("an event's payload is not an object");
  return { ...value };
}
