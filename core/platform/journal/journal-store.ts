import { CompiledQuery, sql } from "kysely";
import type { RoomRef } from "../../domain/room.ts";
import type { Database } from "../database/database.ts";
import type { JournalEntry } from "./codec.ts";

/** A command that these events come from; with it a repeat is recognised, on any process. */
export interface CommandEntry {
  readonly principal: string;
  readonly id: string;
  /** 16 bytes, see `macOf`. */
  readonly mac: Uint8Array;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** A room's row in the index of rooms. */
export interface RoomListing {
  /** When it is (ms), as a visit's planned start; 0: at no time of its own. */
  readonly at: number;
  /** Whose it is: a visit's clinician. */
  readonly owner: string | null;
  /** Whom it is about: a visit's patient. */
  readonly subject: string | null;
  readonly status: string;
}

/** What one room wants to append: all of it or nothing. */
export interface RoomPart {
  readonly ref: RoomRef;
  readonly org: string;
  /** Under which claim; the database refuses an older one. */
  readonly epoch: number;
  /** The room's next seq; the entries carry it and those after it. */
  readonly firstSeq: number;
  readonly entries: readonly JournalEntry[];
  readonly commands: readonly CommandEntry[];
  /** When the room next acts by itself (ms); null: never; undefined: as it was. */
  readonly due?: number | null;
  /** Changes of the index of members and cursors; a person once in each. A role of null removes. */
  readonly members: readonly { readonly person: string; readonly role: string | null }[];
  readonly cursors: readonly { readonly person: string; readonly seq: number }[];
  /** The room's row in the index of rooms; null: as it was. */
  readonly listing: RoomListing | null;
}

/**
 * `appended`: durable. `repeated`: a command of it was appended before, nothing was written. `stale`: another
 * owner has the room, or its seq was taken. `locked`: the room is being claimed at this moment; send it again.
 */
export type PartOutcome = "appended" | "repeated" | "stale" | "locked";

export interface JournalStore {
  /**
   * Appends the parts in one statement and answers in their order. When it throws, whether anything was
   * appended is unknown.
   */
  append(parts: readonly RoomPart[]): Promise<PartOutcome[]>;
  /** Entries after a seq, in order. */
  read(ref: RoomRef, after: number, limit: number): Promise<JournalEntry[]>;
  /** The recorded results of these commands; those never recorded are left out. */
  findCommands(
    ref: RoomRef,
    wanted: readonly { readonly principal: string; readonly id: string }[],
  ): Promise<(CommandEntry & { readonly at: number })[]>;
}

export function createJournalStore({ db, appends }: Pick<Database, "db" | "appends">): JournalStore {
  return {
    append: async (parts) => {
      const { rows } = await appends.executeQuery<{ room: number; outcome: PartOutcome }>(
        CompiledQuery.raw(appendStatement, appendArguments(parts)),
      );
      const outcomes = new Map(rows.map((row) => [row.room, row.outcome]));
      return parts.map((_, i) => outcomes.get(i + 1) ?? "stale");
    },
    read: (ref, after, limit) =>
      db
        .selectFrom("journal")
        .select(["seq", "type", "version", "actor", "amends", "at", "payload"])
        .where("kind", "=", ref.kind)
        .where("id", "=", ref.id)
        .where("seq", ">", after)
        .orderBy("seq")
        .limit(limit)
        .execute(),
    findCommands: async (ref, wanted) => {
      // One look-up by key for each, whatever the planner believes of the tables' sizes.
      const { rows } = await sql<CommandEntry & { readonly at: number }>`
        select c.principal, c.command_id as id, c.body_hmac as mac, c.first_seq as "firstSeq",
          c.last_seq as "lastSeq", (
            select j.at from journal j where j.kind = ${ref.kind} and j.id = ${ref.id} and j.seq = c.first_seq
          ) as at
        from unnest(
          ${wanted.map((one) => one.principal)}::text[], ${wanted.map((one) => one.id)}::text[]
        ) as w(principal, command_id)
        cross join lateral (
          select * from command c
          where c.kind = ${ref.kind} and c.id = ${ref.id}
            and c.principal = w.principal and c.command_id = w.command_id
          limit 1
        ) c`.execute(db);
      return rows;
    },
  };
}

const appendParameters = 34;
/** Written out once: it is the one statement that is sent all the time. */
const appendStatement = `select room, outcome from journal_append(${Array.from({ length: appendParameters }, (_, i) => `$${i + 1}`).join(", ")})`;

/** The parts as parallel arrays, in the order that `journal_append` takes them. */
function appendArguments(parts: readonly RoomPart[]): unknown[] {
  const entries = parts.flatMap((part, i) => part.entries.map((entry) => ({ room: i + 1, entry })));
  const commands = parts.flatMap((part, i) => part.commands.map((command) => ({ room: i + 1, command })));
  const members = parts.flatMap((part, i) => part.members.map((member) => ({ room: i + 1, member })));
  const cursors = parts.flatMap((part, i) => part.cursors.map((cursor) => ({ room: i + 1, cursor })));
  const listings = parts.flatMap(({ listing }, i) => (listing ? [{ room: i + 1, listing }] : []));
  let offset = 1;
  const starts = entries.map(({ entry }) => {
    const start = offset;
    offset += entry.payload.length;
    return start;
  });
  return [
    parts.map((part) => part.ref.kind),
    parts.map((part) => part.ref.id),
    parts.map((part) => part.org),
    parts.map((part) => part.epoch),
    parts.map((part) => part.firstSeq),
    parts.map((part) => part.entries.length),
    parts.map((part) => (part.due === undefined ? null : (part.due ?? 0))),
    entries.map(({ room }) => room),
    entries.map(({ entry }) => entry.seq),
    entries.map(({ entry }) => entry.type),
    entries.map(({ entry }) => entry.version),
    entries.map(({ entry }) => entry.actor),
    entries.map(({ entry }) => entry.amends),
    entries.map(({ entry }) => entry.at),
    starts,
    entries.map(({ entry }) => entry.payload.length),
    Buffer.concat(entries.map(({ entry }) => entry.payload)),
    commands.map(({ room }) => room),
    commands.map(({ command }) => command.principal),
    commands.map(({ command }) => command.id),
    commands.map(({ command }) => command.firstSeq),
    commands.map(({ command }) => command.lastSeq),
    Buffer.concat(commands.map(({ command }) => command.mac)),
    members.map(({ room }) => room),
    members.map(({ member }) => member.person),
    members.map(({ member }) => member.role),
    cursors.map(({ room }) => room),
    cursors.map(({ cursor }) => cursor.person),
    cursors.map(({ cursor }) => cursor.seq),
    listings.map(({ room }) => room),
    listings.map(({ listing }) => listing.at),
    listings.map(({ listing }) => listing.owner),
    listings.map(({ listing }) => listing.subject),
    listings.map(({ listing }) => listing.status),
  ];
}
