import type { KeyObject } from "node:crypto";
import { DomainError } from "../../domain/errors.ts";
import type { RoomRef } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import { open, seal } from "../crypto/envelope.ts";
import type { TenantRooms } from "../repositories/tenant-rooms.ts";
import type { ObjectStore } from "./object-store.ts";

/**
 * The objects of one room, each encrypted under the room's data key and bound to its name: whoever erases the key erases them.
 * What was changed, or put under another name, is refused: `SpoiltObject`.
 *
 * A recording's names, below `recordings/<org>/<visit>/` which `recordingsOf` opens:
 *
 *     <recording>/<segment>/<track>/track       TrackHeader as JSON, written before the first chunk
 *     <recording>/<segment>/<track>/<000000>    what was recorded, piece by piece: joined in order they are one file of the track's mime
 *     <recording>/files/<name>/<000000>         a finished file in parts of `partBytes`, the last one shorter
 *     <recording>/finished                      what came of it (`Finished` as JSON), written last
 */
export interface Vault {
  /** Throws `room_not_found`. */
  recordingsOf(room: VaultRoom): Promise<RoomVault>;
}

/** What people sent to rooms, below `files/<org>/<kind>/<room>/`. */
export interface FileVault {
  /** Under the key that each content was encrypted with: its room may have another one by now. Throws `unavailable`. */
  filesOf(room: KeyedRoom): Promise<RoomVault>;
}

export interface KeyedRoom extends VaultRoom {
  readonly keyId: string;
}

export interface VaultRoom {
  readonly org: string;
  readonly ref: RoomRef;
}

/** Names are relative to the room's folder. */
export interface RoomVault {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Buffer | null>;
  list(folder: string): Promise<readonly string[]>;
  remove(folder: string): Promise<void>;
}

/** Of a finished file. */
export const partBytes = 1024 * 1024;

/** `person`: whose; null: everyone's together. `startedAt`: of its first sample (ms since the epoch). */
export interface TrackHeader {
  readonly person: string | null;
  readonly slots: readonly ("audio" | "video" | "screen")[];
  readonly mime: string;
  readonly startedAt: number;
}

const digits = 6;

/** Chunks and parts are counted from 0. */
export function numbered(index: number): string {
  return String(index).padStart(digits, "0");
}

export const recordingNames = {
  folder: (recording: string) => `${recording}/`,
  segment: (recording: string, segment: number) => `${recording}/${segment}/`,
  header: (recording: string, segment: number, track: string) => `${recording}/${segment}/${track}/track`,
  chunk: (recording: string, segment: number, track: string, index: number) =>
    `${recording}/${segment}/${track}/${numbered(index)}`,
  part: (recording: string, name: string, index: number) => `${recording}/files/${name}/${numbered(index)}`,
  finished: (recording: string) => `${recording}/finished`,
} as const;

/** The one track of a call that a browser has recorded. */
export const browserTrack = "browser";

/** What is there is not what was put there, and never will be: to ask again is of no use. To clients it is `unavailable`. */
export class SpoiltObject extends DomainError {
  override readonly name: string = "SpoiltObject";

  constructor(cause: unknown) {
    super("unavailable", undefined, { cause });
  }
}

interface Parts {
  readonly objects: ObjectStore;
  readonly rooms: TenantRooms;
  readonly keys: Pick<DataKeys, "get">;
}

/** The objects of each room under the key that its journal is encrypted with. */
export function createVault({ objects, rooms, keys }: Parts): Vault & FileVault {
  const openBelow = async (root: string, org: string, keyId: string): Promise<RoomVault> => {
    const { cipher } = await keys.get(org, keyId);
    return {
      put: (name, bytes) => objects.put(root + name, seal(cipher, bytes, root + name)),
      get: async (name) => {
        const sealed = await objects.get(root + name);
        return sealed && opened(cipher, sealed, root + name);
      },
      list: async (folder) => {
        const names = await objects.list(root + folder);
        return names.map((name) => name.slice(root.length));
      },
      remove: (folder) => objects.remove(root + folder),
    };
  };
  return {
    recordingsOf: async ({ org, ref }) => {
      const room = await rooms.find(org, ref);
      if (!room) throw new DomainError("room_not_found");
      return openBelow(`recordings/${org}/${ref.id}/`, org, room.keyId);
    },
    filesOf: (room) => openBelow(fileRoot(room), room.org, room.keyId),
  };
}

/** Where the files of a room are in the store, also once its key is gone. */
export function fileRoot({ org, ref }: VaultRoom): string {
  return `files/${org}/${ref.kind}/${ref.id}/`;
}

function opened(key: KeyObject, sealed: Buffer, name: string): Buffer {
  try {
    return open(key, sealed, name);
  } catch (cause) {
    throw new SpoiltObject(cause);
  }
}
