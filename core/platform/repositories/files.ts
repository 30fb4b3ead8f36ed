import { randomBytes } from "node:crypto";
import { type SqlBool, sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { type FileState, type FileType, isFileType, type RejectReason } from "../../domain/file/file.ts";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import { open, seal } from "../crypto/envelope.ts";
import type { Database, Db } from "../database/database.ts";
import type { StoredVariants } from "../database/file-tables.ts";
import type { VaultRoom } from "../objects/vault.ts";

/** A file and one of its contents, as the database has them. */
export interface StoredFile {
  readonly org: string;
  readonly id: string;
  readonly ref: RoomRef;
  readonly owner: string;
  readonly version: number;
  readonly name: string;
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly state: FileState;
  readonly reason: RejectReason | null;
  readonly scanned: boolean;
  readonly keyId: string;
  readonly incoming: boolean;
  readonly variants: StoredVariants;
  /** Seq of the message that carries it; null: none does (yet). */
  readonly seq: number | null;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expired: boolean;
}

export interface NewVersion {
  readonly id: string;
  readonly version: number;
  readonly name: string;
  readonly type: FileType;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly incoming: boolean;
  readonly seconds: number;
}

/** Files for whoever asks on behalf of one organisation. */
export interface Files {
  /** Makes the file, or another version of it. */
  add(room: VaultRoom, owner: string, version: NewVersion): Promise<void>;
  /** null: there is none, or it was removed, with its message too. `version`: the newest by default. */
  find(org: string, id: string, version?: number): Promise<StoredFile | null>;
  versions(org: string, id: string): Promise<readonly StoredFile[]>;
  /** How many of this person's files have not come yet. */
  awaited(org: string, owner: string): Promise<number>;
  /** The file is there: it is to be checked now. False: it was not awaited. */
  arrived(org: string, id: string, version: number): Promise<boolean>;
  /**
   * Keeps files for a message that is about to be committed, by the id of its command. Returns those that this may have: its owner's, of
   * this room, in no message and not wanted by another one at this moment.
   */
  reserve(
    room: VaultRoom,
    owner: string,
    command: string,
    ids: readonly string[],
  ): Promise<readonly StoredFile[]>;
  /** Nobody is shown it any more. False: there is none, or it is in a message. */
  removeLoose(org: string, id: string, owner: string): Promise<boolean>;
}

/** So long (seconds) one command may take from reserving to its commit. */
const reservedSeconds = 60;

/** No command that may still be committed wants it. */
const free = sql<SqlBool>`(
  command is null or reserved_at < clock_timestamp() - ${reservedSeconds} * interval '1 second'
)`;

/** Its message was deleted. */
const messageGone = sql<SqlBool>`exists (
  select from journal j
  where j.kind = file.kind and j.id = file.room and j.type = 'chat.deleted' and j.amends = file.seq
)`;

/** Notes which messages carry files: those of the commands that attached them, of which the engine knows. */
export async function noticeMessages(db: Db, ids: readonly string[] | "all"): Promise<void> {
  const seq = sql<number>`c.first_seq`;
  let query = db
    .updateTable("file")
    .from("command as c")
    .set({ seq })
    .where("file.seq", "is", null)
    .where("file.removed_at", "is", null)
    .whereRef("c.kind", "=", "file.kind")
    .whereRef("c.id", "=", "file.room")
    .whereRef("c.principal", "=", "file.owner")
    .whereRef("c.command_id", "=", "file.command");
  if (ids !== "all") query = query.where("file.id", "in", ids);
  await query.execute();
}

export function createFiles({ db, tenants }: Database, keys: DataKeys): Files {
  const select = (query: Db) =>
    query
      .selectFrom("file")
      .innerJoin("file_version as v", "v.file", "file.id")
      .select((eb) => [
        ...([
          "file.org",
          "file.id",
          "file.kind",
          "file.room",
          "file.owner",
          "file.seq",
          "file.command",
        ] as const),
        ...(["v.version", "v.name"] as const),
        ...(["v.type", "v.bytes", "v.sha256", "v.state", "v.reason", "v.scanned", "v.incoming"] as const),
        ...(["v.variants", "v.created_at", "v.key_id"] as const),
        eb(sql`clock_timestamp()`, ">", eb.ref("v.expires_at")).as("expired"),
      ])
      .where("file.removed_at", "is", null)
      // Whose key is gone is gone too.
      .where(sql<SqlBool>`exists (select from data_key k where k.id = v.key_id)`)
      .where(({ not }) => not(messageGone));
  type Row = Awaited<ReturnType<ReturnType<typeof select>["execute"]>>[number];

  const toFile = async (row: Row): Promise<StoredFile[]> => {
    const { kind, room, created_at, key_id, seq, command: _, expired, name, type, ...rest } = row;
    if (!isRoomKind(kind) || !isFileType(type)) return [];
    const key = await keys.get(rest.org, key_id);
    const opened = open(key.cipher, name, placeOf(rest.id, rest.version)).toString();
    const place = {
      ref: { kind, id: room },
      seq,
      createdAt: created_at.getTime(),
      expired: Boolean(expired),
    };
    return [{ ...rest, type, name: opened, keyId: key_id, ...place }];
  };
  const all = async (rows: readonly Row[]) => (await Promise.all(rows.map(toFile))).flat();
  /** Newest version first. */
  const rowsOf = async (org: string, id: string): Promise<Row[]> => {
    const ask = () =>
      select(tenants(org))
        .where("file.id", "=", id)
        .where("file.org", "=", org)
        .orderBy("v.version", "desc")
        .limit(100)
        .execute();
    const rows = await ask();
    if (!rows.some(({ seq, command }) => seq === null && command !== null)) return rows;
    await noticeMessages(db, [id]);
    return ask();
  };

  return {
    add: async ({ org, ref }, owner, { id, version, name, type, bytes, sha256, incoming, seconds }) => {
      const place = await tenants(org)
        .selectFrom("room_owner as o")
        .innerJoin("data_key as k", "k.id", "o.key_id")
        .select(["o.key_id", "k.scope", "k.subject"])
        .where("o.kind", "=", ref.kind)
        .where("o.id", "=", ref.id)
        .executeTakeFirst();
      if (!place) throw new DomainError("room_not_found");
      const subject = place.scope === "person" ? place.subject : null;
      const { cipher } = await keys.get(org, place.key_id);
      const sealed = seal(cipher, name, placeOf(id, version));
      await tenants(org)
        .transaction()
        .execute(async (tx) => {
          if (version === 1)
            await tx
              .insertInto("file")
              .values({ id, org, kind: ref.kind, room: ref.id, owner, subject })
              .execute();
          await tx
            .insertInto("file_version")
            .values({
              ...{
                org,
                file: id,
                version,
                key_id: place.key_id,
                name: sealed,
                type,
                bytes,
                sha256,
                incoming,
                state: "awaiting",
              },
              expires_at: sql<Date>`clock_timestamp() + ${seconds} * interval '1 second'`,
            })
            .execute();
        });
    },
    find: async (org, id, version) => {
      const rows = await rowsOf(org, id);
      const wanted = version === undefined ? rows[0] : rows.find((row) => row.version === version);
      return wanted ? ((await toFile(wanted))[0] ?? null) : null;
    },
    versions: async (org, id) => all(await rowsOf(org, id)),
    awaited: async (org, owner) => {
      const { count } = await tenants(org)
        .selectFrom("file_version as v")
        .innerJoin("file", "file.id", "v.file")
        .select(({ fn }) => fn.countAll<number>().as("count"))
        .where("file.owner", "=", owner)
        .where("v.state", "=", "awaiting")
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    arrived: async (org, id, version) => {
      const { numUpdatedRows } = await tenants(org)
        .updateTable("file_version")
        .set({ state: "quarantined", due_at: sql<Date>`clock_timestamp()` })
        .where("file", "=", id)
        .where("version", "=", version)
        .where("state", "=", "awaiting")
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    reserve: async ({ org, ref }, owner, command, ids) => {
      await noticeMessages(db, ids);
      const wanted = await select(tenants(org))
        .where("file.id", "in", ids)
        .where("file.owner", "=", owner)
        .where("file.kind", "=", ref.kind)
        .where("file.room", "=", ref.id)
        .where("file.seq", "is", null)
        .orderBy("file.id")
        .orderBy("v.version", "desc")
        .execute();
      const newest = await all(
        wanted.filter((row, at) => wanted.findIndex(({ id }) => id === row.id) === at),
      );
      // The message will be refused.
      if (newest.some(({ state }) => state === "awaiting" || state === "rejected")) return newest;
      if (newest.length === 0) return [];
      const reserved = await tenants(org)
        .updateTable("file")
        .set({ command, reserved_at: sql<Date>`clock_timestamp()` })
        .where("id", "in", [...newest.map(({ id }) => id)])
        .where("removed_at", "is", null)
        .where("seq", "is", null)
        .where((file) => file.or([file("command", "=", command), free]))
        .returning("id")
        .execute();
      return newest.filter(({ id }) => reserved.some((one) => one.id === id));
    },
    removeLoose: async (org, id, owner) => {
      await noticeMessages(db, [id]);
      const { numUpdatedRows } = await tenants(org)
        .updateTable("file")
        .set({ removed_at: sql<Date>`clock_timestamp()` })
        .where("id", "=", id)
        .where("owner", "=", owner)
        .where("removed_at", "is", null)
        .where("seq", "is", null)
        .where(free)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

export function newFileId(): string {
  return randomBytes(12).toString("hex");
}

/** What the sealed name is bound to. */
function placeOf(id: string, version: number): string {
  return `file/${id}/${version}`;
}
