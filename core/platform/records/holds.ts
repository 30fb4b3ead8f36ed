import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { DomainError } from "../../domain/errors.ts";
import { isRoomKind, type RoomRef } from "../../domain/room.ts";
import type { Db } from "../database/database.ts";
import type { Tenants } from "../database/tenants.ts";

/** As long as it stands, nothing of a person or of a room is removed. */
export interface Hold {
  readonly id: string;
  readonly on: HeldThing;
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly placedAt: number;
  readonly placedBy: string;
}

export type HeldThing = { readonly person: string } | { readonly room: RoomRef };

export interface Holds {
  /** Throws `person_not_found`, `room_not_found`: a hold on nothing would hold nothing, and nobody would notice. */
  place(hold: {
    readonly org: string;
    readonly on: HeldThing;
    readonly reason: string;
    readonly by: string;
  }): Promise<Hold>;
  /** Throws `not_found`. */
  lift(org: string, id: string, by: string): Promise<void>;
  list(org: string): Promise<Hold[]>;
  /**
   * What stands: `person/<id>` and `<kind>/<id>`, with the rooms of a person who is held, and the people whose room is, as far as
   * they share a key.
   */
  standing(org: string): Promise<ReadonlySet<string>>;
}

/** `db`: for the engine, which asks of all organisations. */
export function createHolds(db: Db, tenants: Tenants, now: () => number): Holds {
  return {
    place: async ({ org, on, reason, by }) => {
      await assertThere(tenants(org), org, on);
      const id = randomUUID();
      const placedAt = now();
      const room = "room" in on ? on.room : null;
      await tenants(org)
        .insertInto("legal_hold")
        .values({
          id,
          org,
          person: "person" in on ? on.person : null,
          kind: room?.kind ?? null,
          room: room?.id ?? null,
          reason,
          placed_at: placedAt,
          placed_by: by,
          lifted_at: null,
          lifted_by: null,
        })
        .execute();
      return { id, on, reason, placedAt, placedBy: by };
    },
    lift: async (org, id, by) => {
      const { numUpdatedRows } = await tenants(org)
        .updateTable("legal_hold")
        .set({ lifted_at: now(), lifted_by: by })
        .where("org", "=", org)
        .where("id", "=", id)
        .where("lifted_at", "is", null)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw new DomainError("not_found");
    },
    list: async (org) => {
      const rows = await tenants(org)
        .selectFrom("legal_hold")
        .selectAll()
        .where("org", "=", org)
        .where("lifted_at", "is", null)
        .orderBy("placed_at", "desc")
        .limit(1_000)
        .execute();
      return rows.flatMap(({ id, person, kind, room, reason, placed_at, placed_by }): Hold[] => {
        const on = thingOf(person, kind, room);
        return on ? [{ id, on, reason, placedAt: placed_at, placedBy: placed_by }] : [];
      });
    },
    standing: async (org) => {
      const rows = await db
        .selectFrom("legal_hold")
        .select(["person", "kind", "room"])
        .where("org", "=", org)
        .where("lifted_at", "is", null)
        .execute();
      const people = rows.flatMap(({ person }) => person ?? []);
      const rooms = rows.flatMap(({ kind, room }) =>
        kind !== null && room !== null ? [`${kind}/${room}`] : [],
      );
      const shared = await db
        .selectFrom("room_owner as o")
        .innerJoin("data_key as k", "k.id", "o.key_id")
        .select(["o.kind", "o.id", "k.subject"])
        .where("k.org", "=", org)
        .where("k.scope", "=", "person")
        .where((eb) =>
          eb.or([
            sql<boolean>`k.subject = any(${people}::text[])`,
            sql<boolean>`o.kind || '/' || o.id = any(${rooms}::text[])`,
          ]),
        )
        .execute();
      return new Set([
        ...people.map((person) => `person/${person}`),
        ...rooms,
        ...shared.flatMap(({ kind, id, subject }) => [`${kind}/${id}`, `person/${subject}`]),
      ]);
    },
  };
}

async function assertThere(db: Db, org: string, on: HeldThing): Promise<void> {
  const found =
    "person" in on
      ? db.selectFrom("person").select("id").where("org", "=", org).where("id", "=", on.person)
      : db
          .selectFrom("room_owner")
          .select("id")
          .where("org", "=", org)
          .where("kind", "=", on.room.kind)
          .where("id", "=", on.room.id);
  if (!(await found.executeTakeFirst()))
    throw new DomainError("person" in on ? "person_not_found" : "room_not_found");
}

function thingOf(person: string | null, kind: string | null, room: string | null): HeldThing | null {
  if (person !== null) return { person };
  return isRoomKind(kind) && room !== null ? { room: { kind, id: room } } : null;
}
