import { createSecretKey, randomBytes } from "node:crypto";
import type { Recorded } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { createDataKeys, type DataKey, type DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing, type KeyRing } from "../../core/platform/crypto/key-ring.ts";
import type { Database } from "../../core/platform/database/database.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import {
  createJournalStore,
  type JournalStore,
  type RoomPart,
} from "../../core/platform/journal/journal-store.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";

const ownRing = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));

/** What rooms without actors are written and read with. */
export interface Paper {
  readonly journal: JournalStore;
  readonly keys: DataKeys;
  /** Makes a room and claims it. */
  room(ref: RoomRef, org?: string): Promise<WrittenRoom>;
}

export function createPaper(database: Database, ring: KeyRing = ownRing): Paper {
  const journal = createJournalStore(database);
  const keys = createDataKeys(database.tenants, ring);
  const owners = createRoomOwners(database.db);
  return {
    journal,
    keys,
    room: async (ref, org = "clinic") => {
      const key = await keys.ensure({ org, scope: "room", subject: `${ref.kind}:${ref.id}` });
      await owners.create(ref, org, key.id);
      const claimed = await owners.claim(ref, { process: "test", epoch: 0 });
      if (!claimed) throw new Error("the room was there before");
      return new WrittenRoom(ref, org, key);
    },
  };
}

type Indexes = Partial<Pick<RoomPart, "members" | "cursors" | "listing" | "commands" | "epoch">>;

/** A room's next parts of the journal. It takes for granted that they go in. */
export class WrittenRoom {
  readonly ref: RoomRef;
  readonly org: string;
  readonly #key: DataKey;
  #seq = 0;

  constructor(ref: RoomRef, org: string, key: DataKey) {
    this.ref = ref;
    this.org = org;
    this.#key = key;
  }

  /** Events on from the last one; without any, a part of indexes alone. */
  part(events: readonly Omit<Recorded, "seq">[], indexes: Indexes = {}): RoomPart {
    const firstSeq = this.#seq + 1;
    this.#seq += events.length;
    return {
      ref: this.ref,
      org: this.org,
      epoch: 1,
      firstSeq,
      entries: events.map((event, i) => encodeEvent(this.#key, this.ref, { ...event, seq: firstSeq + i })),
      commands: [],
      members: [],
      cursors: [],
      listing: null,
      ...indexes,
    };
  }
}
