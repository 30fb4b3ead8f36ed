import { randomBytes } from "node:crypto";
import type { MemberRole } from "../../domain/conversation/state.ts";
import { erasedText } from "../../domain/erased.ts";
import { DomainError } from "../../domain/errors.ts";
import type { DomainEvent } from "../../domain/feature.ts";
import { isRoomKind, type RoomRef, roomKey } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import type { KeyRing } from "../crypto/key-ring.ts";
import type { Db } from "../database/database.ts";
import { encodeEvent } from "../journal/codec.ts";
import type { JournalStore } from "../journal/journal-store.ts";
import { toRole } from "../repositories/conversations.ts";
import type { RoomOwner, RoomOwners } from "../repositories/room-owners.ts";

export interface RekeyParts {
  readonly db: Db;
  readonly ring: KeyRing;
  readonly keys: DataKeys;
  readonly owners: RoomOwners;
  readonly journal: Pick<JournalStore, "append">;
  /** This process, as rooms' owners are named. */
  readonly process: string;
  /** Display names of people who are there. */
  readonly names: (org: string, ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A room whose key is destroyed. */
export interface Locked {
  readonly org: string;
  readonly ref: RoomRef;
  readonly oldKey: string;
}

/** Rooms whose key was destroyed for this cause, and that do not go on under another one yet. */
export async function lockedRooms(db: Db, cause: string): Promise<Locked[]> {
  const rows = await db
    .selectFrom("destroyed_key as d")
    .innerJoin("room_owner as o", (join) => join.onRef("o.key_id", "=", "d.id").onRef("o.org", "=", "d.org"))
    .select(["o.org", "o.kind", "o.id", "d.id as oldKey"])
    .where("d.cause", "=", cause)
    .union(
      db
        .selectFrom("rekeyed_room as r")
        .innerJoin("destroyed_key as d", "d.id", "r.old_key")
        .select(["r.org", "r.kind", "r.id", "d.id as oldKey"])
        .where("d.cause", "=", cause)
        .where("r.finished_at", "is", null),
    )
    .execute();
  return rows.flatMap(({ org, kind, id, oldKey }) =>
    isRoomKind(kind) ? [{ org, ref: { kind, id }, oldKey }] : [],
  );
}

/**
 * Lets a room go on under a new key: whoever has it is fenced out, and what was before opens no more. A chat keeps its members,
 * without `gone`; of a visit nothing is left to enter. May be done again wherever it was broken off.
 */
export async function rekeyRoom(
  parts: RekeyParts,
  { org, ref, oldKey }: Locked,
  gone: string | null,
): Promise<void> {
  const { owners, process } = parts;
  const before = await owners.find(ref);
  if (!before) return;
  const owner = await owners.claim(ref, { process, epoch: before.epoch });
  if (!owner) throw new DomainError("busy");
  if (owner.keyId === oldKey) await replaceKey(parts, { org, ref, oldKey }, owner);
  if (ref.kind === "chat") await reopen(parts, org, ref, gone);
  else await clearIndexes(parts.db, ref);
  await owners.release(ref, owner.epoch);
  await parts.db
    .updateTable("rekeyed_room")
    .set({ finished_at: parts.now() })
    .where("kind", "=", ref.kind)
    .where("id", "=", ref.id)
    .where("old_key", "=", oldKey)
    .execute();
}

async function replaceKey(
  { db, ring }: RekeyParts,
  { org, ref, oldKey }: Locked,
  owner: RoomOwner,
): Promise<void> {
  const id = randomBytes(12).toString("hex");
  const wrapped = await ring.wrap(randomBytes(32), id);
  const { kind } = ref;
  await db.transaction().execute(async (tx) => {
    const moved = await tx
      .updateTable("room_owner")
      .set({ key_id: id })
      .where("kind", "=", kind)
      .where("id", "=", ref.id)
      .where("epoch", "=", owner.epoch)
      .where("key_id", "=", oldKey)
      .returning("next_seq")
      .executeTakeFirst();
    if (!moved) throw new DomainError("busy");
    const since = moved.next_seq;
    await tx
      .insertInto("data_key")
      .values({ id, org, scope: "room", subject: roomKey(ref), wrapped, since })
      .execute();
    await tx
      .insertInto("rekeyed_room")
      .values({ kind, id: ref.id, org, old_key: oldKey, finished_at: null })
      .execute();
    await tx.deleteFrom("snapshot").where("kind", "=", kind).where("id", "=", ref.id).execute();
  });
}

/** Its first event under the new key says who is in it: nothing before does any more. */
async function reopen(parts: RekeyParts, org: string, ref: RoomRef, gone: string | null): Promise<void> {
  const { db, keys, owners, journal, names, now } = parts;
  const owner = await owners.find(ref);
  if (!owner) return;
  const key = await keys.get(org, owner.keyId);
  if (owner.nextSeq > key.since) return;
  const rows = await db
    .selectFrom("room_member")
    .select(["person", "role"])
    .where("kind", "=", ref.kind)
    .where("id", "=", ref.id)
    .orderBy("person")
    .execute();
  const left = rows.filter(({ person }) => person !== gone);
  const known = await names(
    org,
    left.map(({ person }) => person),
  );
  const members: readonly { person: string; name: string; role: MemberRole }[] = left.map(
    ({ person, role }) => ({
      person,
      name: known.get(person) ?? erasedText,
      role: toRole(role),
    }),
  );
  const event: DomainEvent = Object.assign(
    { type: "chat.created" },
    { title: erasedText, subject: null, members },
  );
  const recorded = { seq: key.since, at: now(), by: "system", event };
  const [outcome] = await journal.append([
    {
      ref,
      org,
      epoch: owner.epoch,
      firstSeq: key.since,
      entries: [encodeEvent(key, ref, recorded)],
      commands: [],
      members: rows.length > left.length && gone !== null ? [{ person: gone, role: null }] : [],
      cursors: [],
      listing: null,
    },
  ]);
  if (outcome !== "appended") throw new DomainError("busy");
}

async function clearIndexes(db: Db, { kind, id }: RoomRef): Promise<void> {
  for (const table of ["room_member", "room_listing", "room_due"] as const)
    await db.deleteFrom(table).where("kind", "=", kind).where("id", "=", id).execute();
}
