import { createSecretKey, randomBytes } from "node:crypto";
import type { RoomRef } from "../../core/domain/room.ts";
import { createDataKeys, type DataKey, type DataKeys } from "../../core/platform/crypto/data-keys.ts";
import { createKeyRing } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import { createFeed, feedStart } from "../../core/platform/journal/feed.ts";
import { createJournalStore, type RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";
import { createGramHashes, type GramHashes } from "../../core/platform/search/gram-hashes.ts";
import { createSearchProjection } from "../../core/platform/search/search-projection.ts";
import { mapAtOnce } from "../at-once.ts";
import { seeded, writeMessage } from "./messages.ts";
import type { Options } from "./options.ts";

export const org = "bench";

/** Somebody who is in so many of the rooms. */
export interface Reader {
  readonly person: string;
  readonly rooms: number;
}

export interface World {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly hashes: GramHashes;
  readonly readers: readonly Reader[];
  /** In the last room's last message's time (ms). */
  readonly until: number;
}

const connections = 4;
const partsAtOnce = 25;
const start = Date.UTC(2026, 0, 1);
/** Between two messages of the organisation. */
const apart = 60_000;

/** Rooms with their messages in the journal, encrypted, and nothing else yet. */
export async function makeWorld(url: string, options: Options): Promise<World> {
  const database = await openPostgres(url, connections);
  const ring = createKeyRing("1", new Map([["1", createSecretKey(randomBytes(32))]]));
  const keys = createDataKeys(database.tenants, ring);
  const owners = createRoomOwners(database.db);
  const store = createJournalStore(database);
  const random = seeded(options.seed);
  const readers = [20, 500, options.rooms].map((rooms, i) => ({
    person: `reader-${i}`,
    rooms: Math.min(rooms, options.rooms),
  }));
  const refs = Array.from({ length: options.rooms }, (_, n): RoomRef => ({ kind: "chat", id: `room-${n}` }));
  const dataKeys = await mapAtOnce(refs, connections, async (ref) => {
    const key = await keys.ensure({ org, scope: "room", subject: `chat:${ref.id}` });
    await owners.create(ref, org, key.id);
    await owners.claim(ref, { process: "bench", epoch: 0 });
    return key;
  });
  const each = Math.ceil(options.messages / options.rooms);
  for (let n = 0; n < refs.length; n += partsAtOnce) {
    const parts = refs.slice(n, n + partsAtOnce).flatMap((ref, i) => {
      const key = dataKeys[n + i];
      return key ? [partOf({ ref, n: n + i, key, each }, readers, options, random)] : [];
    });
    const outcomes = await store.append(parts);
    if (outcomes.some((outcome) => outcome !== "appended")) throw new Error("The rooms were not filled.");
  }
  return { database, keys, hashes: createGramHashes(ring), readers, until: start + options.messages * apart };
}

interface Room {
  readonly ref: RoomRef;
  readonly n: number;
  readonly key: DataKey;
  /** Messages. */
  readonly each: number;
}

/** Rooms go on beside each other: each one's messages are over the whole time. */
function partOf(
  { ref, n, key, each }: Room,
  readers: readonly Reader[],
  { rooms }: Options,
  random: () => number,
): RoomPart {
  const entries = Array.from({ length: each }, (_, i) =>
    encodeEvent(key, ref, {
      seq: i + 1,
      at: start + (i * rooms + n) * apart,
      by: random() < 0.5 ? "patient" : "clinician",
      event: { ...{ id: `${n}-${i}`, body: writeMessage(random) }, type: "chat.message" },
    }),
  );
  // Every reader's rooms are spread over all of them.
  const members = readers.filter((reader) => n % Math.floor(rooms / reader.rooms) === 0);
  return {
    ...{ ref, org, epoch: 1, firstSeq: 1, entries, commands: [], cursors: [], listing: null },
    members: members.map(({ person }) => ({ person, role: "member" })),
  };
}

/** Reads the journal to its end, as the product does. Returns entries a second. */
export async function indexAll({ database, keys, hashes }: World): Promise<number> {
  const feed = createFeed({ ...database, keys, log: createLogger({ level: "silent" }) });
  const projection = createSearchProjection(hashes);
  const since = performance.now();
  let entries = 0;
  for (let cursor = feedStart, more = true; more; ) {
    const page = await feed.read({ org: null, after: cursor, limit: 500 });
    await database.db.transaction().execute((tx) => projection.apply(tx, page.entries));
    entries += page.entries.length;
    cursor = page.next;
    more = page.more;
  }
  return (entries / (performance.now() - since)) * 1_000;
}
