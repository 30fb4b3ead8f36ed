import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import type { Recorded } from "../../domain/feature.ts";
import { waitingBehaviour } from "../../domain/kinds.ts";
import { withoutPerson } from "../../domain/queue/erase.ts";
import type { QueueCarriedOn } from "../../domain/queue/events.ts";
import type { QueueState } from "../../domain/queue/state.ts";
import { storeQueue } from "../../domain/queue/stored.ts";
import { type RoomRef, roomKey } from "../../domain/room.ts";
import { type DataKey, deriveKeys } from "../crypto/data-keys.ts";
import type { Db } from "../database/database.ts";
import { decodeEvent, decodeSnapshot, encodeEvent, snapshotVersion } from "../journal/codec.ts";
import type { JournalStore } from "../journal/journal-store.ts";
import type { RoomOwner } from "../repositories/room-owners.ts";
import type { Snapshots } from "../repositories/snapshots.ts";
import type { Eraser, Retained } from "./eraser.ts";
import type { Holds } from "./holds.ts";
import type { RekeyParts } from "./rekey.ts";
import type { Counted } from "./retention-preview.ts";

export interface QueueParts extends Omit<RekeyParts, "journal" | "names"> {
  readonly journal: Pick<JournalStore, "read">;
  readonly snapshots: Pick<Snapshots, "latest">;
  readonly holds: Pick<Holds, "standing">;
  /** Of a snapshot, opened. */
  readonly restoreQueue: (snapshot: unknown) => QueueState;
}

interface Queue {
  readonly org: string;
  readonly ref: RoomRef;
}

/** Events that are read at once. */
const slice = 1_000;
/** Queues whose past goes in one look. */
const atOnce = 20;

/**
 * Many people's waiting is in one queue, under the queue's own key. So that nothing of somebody can be read any more, the queue goes on
 * under a new key, as it is without them, and all of its past goes with the old one: the past of a queue is of use for a while, and what
 * happened to a patient is in their visits. A queue that somebody under a legal hold has waited in keeps its past, and is asked about again.
 */
export function queueEraser(parts: QueueParts): Eraser {
  return {
    name: "queues",
    erase: async ({ org, person }) => {
      for (const queue of await queuesOf(parts, org)) {
        const people = await peopleOf(parts, queue);
        if (!people.has(person)) continue;
        if (await isHeld(parts, queue, people)) throw new DomainError("held");
        await forgetPast(parts, queue, person);
      }
    },
  };
}

/** The past of each queue goes, as a whole, when its first event that can be read is old enough. */
export function retainedQueues(parts: QueueParts): Retained {
  return {
    kind: "queues",
    removeBefore: async (org, time) => {
      let removed = 0;
      for (const queue of await queuesOf(parts, org, time)) {
        if (removed >= atOnce) break;
        if (await isHeld(parts, queue, await peopleOf(parts, queue))) continue;
        await forgetPast(parts, queue, null);
        removed += 1;
      }
      return removed;
    },
  };
}

/** For who only wants to know how many. One that a person under a hold has waited in is counted, and yet stays. */
export function countedQueues(db: Db): Counted {
  return {
    kind: "queues",
    countBefore: async (org, time, held) =>
      (await queuesOf({ db }, org, time)).filter(({ ref }) => !held.has(`waiting/${ref.id}`)).length,
  };
}

/** Queues of an organisation; with `time` those whose oldest event under the present key, and another one, are older. */
async function queuesOf({ db }: Pick<QueueParts, "db">, org: string, time?: number): Promise<Queue[]> {
  const old =
    time === undefined
      ? sql`true`
      : sql`o.next_seq > k.since + 1 and exists (
          select from journal j where j.kind = o.kind and j.id = o.id and j.seq = k.since and j.at < ${time}
        )`;
  const { rows } = await sql<{ id: string }>`
    select o.id from room_owner o join data_key k on k.id = o.key_id
    where o.org = ${org} and o.kind = 'waiting' and ${old} order by o.id`.execute(db);
  return rows.map(({ id }) => ({ org, ref: { kind: "waiting", id } }));
}

async function* pastOf(
  parts: QueueParts,
  ref: RoomRef,
  key: DataKey,
  after: number,
): AsyncGenerator<Recorded> {
  for (let from = after; ; ) {
    const entries = await parts.journal.read(ref, from, slice);
    for (const entry of entries) yield decodeEvent(key, ref, entry);
    const last = entries.at(-1);
    if (!last || entries.length < slice) return;
    from = last.seq;
  }
}

/** Every id that is anywhere in what can be read of a queue: people's among them. */
async function peopleOf(parts: QueueParts, { org, ref }: Queue): Promise<ReadonlySet<string>> {
  const owner = await parts.owners.find(ref);
  const found = new Set<string>();
  if (!owner) return found;
  const key = await parts.keys.get(org, owner.keyId);
  const collect = (value: unknown): void => {
    if (typeof value === "string") found.add(value);
    else if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) collect(inner);
  };
  for await (const { by, event } of pastOf(parts, ref, key, key.since - 1)) collect([by, event]);
  const { state } = await stateOf(parts, ref, key);
  collect([...state.entries.values()].map(({ patient }) => patient));
  collect([
    state.departed.map(({ patient }) => patient),
    Object.keys(state.admitted),
    Object.keys(state.staff),
  ]);
  return found;
}

async function isHeld(
  { holds }: QueueParts,
  { org, ref }: Queue,
  people: ReadonlySet<string>,
): Promise<boolean> {
  const held = [...(await holds.standing(org))];
  return held.some((one) => one === `waiting/${ref.id}` || people.has(one.replace(/^person\//, "")));
}

async function stateOf(
  parts: QueueParts,
  ref: RoomRef,
  key: DataKey,
): Promise<{ readonly state: QueueState; readonly lastAt: number }> {
  const stored = await parts.snapshots.latest(ref);
  const usable = stored?.version === snapshotVersion && stored.seq >= key.since ? stored : null;
  let state = usable
    ? parts.restoreQueue(decodeSnapshot(key, ref, usable.seq, usable.payload))
    : waitingBehaviour.initial;
  let lastAt = 0;
  for await (const recorded of pastOf(parts, ref, key, (usable?.seq ?? 0) - 1)) {
    if (recorded.seq > (usable?.seq ?? 0)) state = waitingBehaviour.evolve(state, recorded);
    lastAt = recorded.at;
  }
  return { state, lastAt };
}

/** Whoever has the queue is fenced out; then all of it is one transaction, so it may be broken off anywhere and done again. */
async function forgetPast(parts: QueueParts, queue: Queue, person: string | null): Promise<void> {
  const { keys, owners, process, now } = parts;
  const { org, ref } = queue;
  const before = await owners.find(ref);
  const owner = before && (await owners.claim(ref, { process, epoch: before.epoch }));
  if (!owner) throw new DomainError("busy");
  const { state, lastAt } = await stateOf(parts, ref, await keys.get(org, owner.keyId));
  // Somebody is on the way to another room: it is known soon whether they arrived.
  if ([...state.leaving.values()].length > 0) {
    await owners.release(ref, owner.epoch);
    throw new DomainError("busy");
  }
  const left = person === null ? state : withoutPerson(state, person);
  await replace(parts, queue, owner, { state: left, gone: person, at: Math.max(now(), lastAt) });
  keys.forget(org, owner.keyId);
  await owners.release(ref, owner.epoch);
}

/**
 * Not through `journal_append`: the event that carries the queue on and the key that it is the first under have to be there together. The same
 * fence holds, epoch and next seq, and the room's next owner reads the event as any other.
 */
async function replace(
  { db, ring, now }: QueueParts,
  { org, ref }: Queue,
  owner: RoomOwner,
  { state, gone, at }: { readonly state: QueueState; readonly gone: string | null; readonly at: number },
): Promise<void> {
  const { kind, id } = ref;
  const secret = randomBytes(32);
  const keyId = randomBytes(12).toString("hex");
  const wrapped = await ring.wrap(secret, keyId);
  const since = owner.nextSeq;
  const key = deriveKeys(keyId, secret, since);
  const event: QueueCarriedOn = { type: "queue.carriedOn", queue: storeQueue(state) };
  const recorded: Recorded = { seq: since, at, by: "system", event };
  await db.transaction().execute(async (tx) => {
    const moved = await tx
      .updateTable("room_owner")
      .set({ key_id: keyId, next_seq: since + 1 })
      .where("kind", "=", kind)
      .where("id", "=", id)
      .where("epoch", "=", owner.epoch)
      .where("next_seq", "=", since)
      .where("key_id", "=", owner.keyId)
      .executeTakeFirst();
    if (moved.numUpdatedRows !== 1n) throw new DomainError("busy");
    await tx
      .insertInto("journal")
      .values({ org, kind, id, epoch: owner.epoch, ...encodeEvent(key, ref, recorded) })
      .execute();
    await tx.insertInto("destroyed_key").values({ id: owner.keyId, org, cause: "queue" }).execute();
    await tx
      .updateTable("data_key")
      .set({ wrapped: Buffer.alloc(0) })
      .where("id", "=", owner.keyId)
      .execute();
    await tx.deleteFrom("data_key").where("id", "=", owner.keyId).execute();
    await tx
      .insertInto("data_key")
      .values({ id: keyId, org, scope: "room", subject: roomKey(ref), wrapped, since })
      .execute();
    await tx
      .insertInto("rekeyed_room")
      .values({ kind, id, org, old_key: owner.keyId, finished_at: now() })
      .execute();
    await tx.deleteFrom("snapshot").where("kind", "=", kind).where("id", "=", id).execute();
    if (gone === null) return;
    await tx
      .deleteFrom("room_member")
      .where("kind", "=", kind)
      .where("id", "=", id)
      .where("person", "=", gone)
      .execute();
  });
}
