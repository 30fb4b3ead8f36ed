import { type ExpressionBuilder, sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";
import type { Tenants } from "../database/tenants.ts";
import { createBatcher } from "../records/batcher.ts";

/** Facts about an access: ids, names of fields, moments. Never a text that somebody wrote. */
type Detail = Readonly<Record<string, unknown>>;

export interface NewAuditEntry {
  readonly org: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The person who saw or did it, or "system". */
  readonly actor: string;
  readonly action: string;
  readonly room?: RoomRef | undefined;
  /** The person whose data it was. */
  readonly subject?: string | undefined;
  readonly detail?: Detail | undefined;
}

export interface AuditEntry {
  /** Grows with every entry. */
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly room: RoomRef | null;
  readonly subject: string | null;
  readonly detail: Detail;
}

export interface AuditQuery {
  readonly org: string;
  readonly room?: RoomRef | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  readonly action?: string | undefined;
  /** Leaves out what this person did. */
  readonly butBy?: string | undefined;
  /** Inclusive, ms since the epoch. */
  readonly from?: number | undefined;
  /** Exclusive. */
  readonly to?: number | undefined;
  /** The last of the page before. */
  readonly after?: { readonly at: number; readonly id: number } | undefined;
  readonly limit: number;
}

/** Who saw and did what. Entries are added and read, never changed: the database refuses it. */
export interface Audit {
  /** Resolves once the entry is durable: answer the request it is about after that. Throws `busy`, `unavailable`. */
  record(entry: NewAuditEntry): Promise<void>;
  /** Likewise, all of them or none; with what others record at the moment they travel in one statement. Throws the same. */
  recordAll(entries: readonly NewAuditEntry[]): Promise<void>;
  /** Newest first. */
  list(query: AuditQuery): Promise<AuditEntry[]>;
}

/** Entries that may wait to be written. */
const patience = 5_000;
const perStatement = 1_000;

/** Entries of several organisations go in together, as the engine; each is read as its own organisation. */
export function createAudit(db: Db, tenants: Tenants): Audit {
  const write = createBatcher<NewAuditEntry>({
    limit: patience,
    size: perStatement,
    write: async (entries) => {
      await db
        .insertInto("audit_entry")
        .values(
          entries.map(({ room, subject, detail = {}, ...entry }) => ({
            ...entry,
            kind: room?.kind ?? null,
            room: room?.id ?? null,
            subject: subject ?? null,
            detail: JSON.stringify(detail),
          })),
        )
        .execute();
    },
  });
  const keep = async (entries: readonly NewAuditEntry[]): Promise<void> => {
    try {
      await write(entries);
    } catch (cause) {
      throw cause instanceof DomainError ? cause : new DomainError("unavailable", undefined, { cause });
    }
  };
  return {
    record: (entry) => keep([entry]),
    recordAll: keep,
    list: async (query) => {
      const rows = await tenants(query.org)
        .selectFrom("audit_entry")
        .select(["id", "at", "actor", "action", "kind", "room", "subject", "detail"])
        .where("org", "=", query.org)
        .where((eb) => eb.and(filters(eb, query)))
        .orderBy("at", "desc")
        .orderBy("id", "desc")
        .limit(query.limit)
        .execute();
      return rows.map(({ kind, room: id, ...entry }) => ({
        ...entry,
        room: isRoomKind(kind) && id !== null ? { kind, id } : null,
      }));
    },
  };
}

function filters(eb: ExpressionBuilder<Tables, "audit_entry">, query: AuditQuery) {
  const { room, actor, subject, action, butBy, from, to, after } = query;
  return [
    ...(room ? [eb("kind", "=", room.kind), eb("room", "=", room.id)] : []),
    ...(actor === undefined ? [] : [eb("actor", "=", actor)]),
    ...(subject === undefined ? [] : [eb("subject", "=", subject)]),
    ...(action === undefined ? [] : [eb("action", "=", action)]),
    ...(butBy === undefined ? [] : [eb("actor", "<>", butBy)]),
    ...(from === undefined ? [] : [eb("at", ">=", from)]),
    ...(to === undefined ? [] : [eb("at", "<", to)]),
    ...(after === undefined ? [] : [sql<boolean>`(at, id) < (${after.at}, ${after.id})`]),
  ];
}
