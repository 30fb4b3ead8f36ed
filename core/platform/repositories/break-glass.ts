import type { KeyObject } from "node:crypto";
import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { DataKeys } from "../crypto/data-keys.ts";
import { open, seal } from "../crypto/envelope.ts";
import type { Tenants } from "../database/tenants.ts";
import { createTenantRooms } from "./tenant-rooms.ts";

export interface NewBrokenGlass {
  readonly org: string;
  readonly id: string;
  /** Who may read now. */
  readonly person: string;
  readonly ref: RoomRef;
  /** In their own words. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number;
  readonly expiresAt: number;
}

export interface BrokenGlass extends Omit<NewBrokenGlass, "reason"> {
  /** null: its room's key is gone. */
  readonly reason: string | null;
}

/** Rooms that somebody reads without a part in them, because they said that they must. Rows stay as they are written. */
export interface BreakGlass {
  /** Throws `room_not_found`. */
  open(glass: NewBrokenGlass): Promise<void>;
  /** What lets this person read the room at this moment; null: nothing. */
  holding(org: string, person: string, ref: RoomRef, at: number): Promise<string | null>;
  /** Newest first. */
  list(query: {
    readonly org: string;
    /** The last of the page before. */
    readonly after?: { readonly at: number; readonly id: string } | undefined;
    readonly limit: number;
  }): Promise<BrokenGlass[]>;
}

export function createBreakGlass(tenants: Tenants, keys: Pick<DataKeys, "get">): BreakGlass {
  const rooms = createTenantRooms(tenants);

  const keyOf = async (org: string, ref: RoomRef) => {
    const room = await rooms.find(org, ref);
    return room ? keys.get(org, room.keyId) : null;
  };

  const reasonOf = async (org: string, ref: RoomRef, id: string, sealed: Uint8Array) => {
    try {
      const key = await keyOf(org, ref);
      return key && opened(key.cipher, sealed, id);
    } catch (error) {
      if (error instanceof DomainError && error.code === "unavailable") return null;
      throw error;
    }
  };

  return {
    open: async ({ org, id, person, ref, reason, openedAt, expiresAt }) => {
      const key = await keyOf(org, ref);
      if (!key) throw new DomainError("room_not_found");
      await tenants(org)
        .insertInto("break_glass")
        .values({
          ...{ org, id, person, kind: ref.kind, room: ref.id },
          reason: seal(key.cipher, reason, placeOf(id)),
          opened_at: openedAt,
          expires_at: expiresAt,
        })
        .execute();
    },
    holding: async (org, person, { kind, id }, at) => {
      const row = await tenants(org)
        .selectFrom("break_glass")
        .select("id")
        .where("org", "=", org)
        .where("person", "=", person)
        .where("kind", "=", kind)
        .where("room", "=", id)
        .where("opened_at", "<=", at)
        .where("expires_at", ">", at)
        .limit(1)
        .executeTakeFirst();
      return row?.id ?? null;
    },
    list: async ({ org, after, limit }) => {
      let query = tenants(org).selectFrom("break_glass").selectAll().where("org", "=", org);
      if (after) query = query.where(sql<boolean>`(opened_at, id) < (${after.at}, ${after.id})`);
      const rows = await query.orderBy("opened_at", "desc").orderBy("id", "desc").limit(limit).execute();
      const shown = rows.flatMap(({ kind, room, ...row }) =>
        isRoomKind(kind) ? [{ ...row, ref: { kind, id: room } }] : [],
      );
      return Promise.all(
        shown.map(async ({ id, person, ref, reason, opened_at: openedAt, expires_at: expiresAt }) => ({
          ...{ org, id, person, ref, openedAt, expiresAt },
          reason: await reasonOf(org, ref, id, reason),
        })),
      );
    },
  };
}

/** null: the room went on under a new key since, and the one that sealed this is destroyed. */
function opened(key: KeyObject, sealed: Uint8Array, id: string): string | null {
  try {
    return open(key, sealed, placeOf(id)).toString();
  } catch {
    return null;
  }
}

function placeOf(id: string): string {
  return `break-glass ${id}`;
}
