import { randomBytes, randomUUID } from "node:crypto";
import type { ChatEvent } from "../../core/domain/conversation/events.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { RoomRef } from "../../core/domain/room.ts";
import { createDataKeys, type DataKey, macOf } from "../../core/platform/crypto/data-keys.ts";
import { openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { encodeEvent } from "../../core/platform/journal/codec.ts";
import { createJournalStore, type RoomPart } from "../../core/platform/journal/journal-store.ts";
import { createRoomOwners } from "../../core/platform/repositories/room-owners.ts";

/** A chat whose journal is to have so many events. */
export interface Filling {
  readonly ref: RoomRef;
  readonly members: readonly string[];
  readonly events: number;
}

const connections = 4;
const eventsPerStatement = 500;
/** One event in so many is a member's read cursor that moves on; the others are messages. */
const everyRead = 5;
const bodyBytes = 200;

/**
 * Writes the journals of sleeping chats up to their sizes, as the rooms would have: encrypted, numbered, under
 * the epoch of their owner, with the commands and cursors that belong to them.
 */
export async function fillChats(
  databaseUrl: string,
  keyFile: string,
  fillings: readonly Filling[],
): Promise<void> {
  const database = await openPostgres(databaseUrl, connections);
  try {
    const keys = createDataKeys(database.tenants, await openKeyFile(keyFile));
    const owners = createRoomOwners(database.db);
    for (const filling of fillings) {
      const owner = await owners.find(filling.ref);
      if (!owner) throw new Error(`The chat ${filling.ref.id} is not there.`);
      const { org, epoch, nextSeq } = owner;
      await fill(database, { ...filling, org, epoch, nextSeq, key: await keys.get(org, owner.keyId) });
    }
  } finally {
    await database.close();
  }
}

interface Chat extends Filling {
  readonly org: string;
  readonly epoch: number;
  readonly nextSeq: number;
  readonly key: DataKey;
}

async function fill(database: Database, chat: Chat): Promise<void> {
  const store = createJournalStore(database);
  for (let first = chat.nextSeq; first <= chat.events; first += eventsPerStatement) {
    const last = Math.min(chat.events, first + eventsPerStatement - 1);
    const [outcome] = await store.append([partOf(chat, first, last)]);
    if (outcome !== "appended") throw new Error(`The chat ${chat.ref.id} was not filled: ${outcome}.`);
  }
}

function partOf({ ref, org, epoch, key, members }: Chat, first: number, last: number): RoomPart {
  const at = Date.now();
  const recorded = Array.from({ length: last - first + 1 }, (_, i) => eventAt(first + i, members, at));
  const cursors = new Map<string, number>();
  for (const { by, event } of recorded) if (event.type === "chat.read") cursors.set(by, event.seq);
  return {
    ref,
    org,
    epoch,
    firstSeq: first,
    entries: recorded.map((one) => encodeEvent(key, ref, one)),
    commands: recorded.flatMap(({ seq, by, event }) =>
      event.type === "chat.message"
        ? [{ principal: by, id: event.id, mac: macOf(key, event.id), firstSeq: seq, lastSeq: seq }]
        : [],
    ),
    members: [],
    cursors: [...cursors].map(([person, seq]) => ({ person, seq })),
    listing: null,
  };
}

function eventAt(seq: number, members: readonly string[], at: number): Recorded<ChatEvent> {
  const by = members[Math.floor(seq / everyRead) % members.length] ?? "";
  // The event before a cursor's move is a message, but for the very first.
  if (seq % everyRead === 0) return { seq, at, by, event: { type: "chat.read", seq: seq - 1 } };
  const body = randomBytes(bodyBytes / 2).toString("hex");
  return { seq, at, by, event: { type: "chat.message", id: randomUUID(), body } };
}
