import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { Tenants } from "../database/tenants.ts";

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

/** Who saw and did what. Entries are added and read, never changed: the database refuses it. */
export interface Audit {
  /** Resolves once the entry is durable: answer the request it is about after that. */
  record(entry: NewAuditEntry): Promise<void>;
  /** Newest first. */
  list(query: {
    readonly org: string;
    readonly room?: RoomRef | undefined;
    readonly limit: number;
  }): Promise<AuditEntry[]>;
}

export function createAudit(tenants: Tenants): Audit {
  return {
    record: async ({ room, subject, detail = {}, ...entry }) => {
      await tenants(entry.org)
        .insertInto("audit_entry")
        .values({
          ...entry,
          kind: room?.kind ?? null,
          room: room?.id ?? null,
          subject: subject ?? null,
          detail: JSON.stringify(detail),
        })
        .execute();
    },
    list: async ({ org, room, limit }) => {
      let query = tenants(org)
        .selectFrom("audit_entry")
        .select(["id", "at", "actor", "action", "kind", "room", "subject", "detail"])
        .where("org", "=", org);
      if (room) query = query.where("kind", "=", room.kind).where("room", "=", room.id);
      const rows = await query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
      return rows.map(({ kind, room: id, ...entry }) => ({
        ...entry,
        room: isRoomKind(kind) && id !== null ? { kind, id } : null,
      }));
    },
  };
}
