import { sql } from "kysely";
import { type RoomRef, roomKey } from "../../domain/room.ts";
import type { Tenants } from "../database/tenants.ts";
import type { RoomListing } from "../journal/journal-store.ts";

export interface VisitsQuery {
  readonly org: string;
  /** Visits from this moment on and before `to` (ms). */
  readonly from: number;
  readonly to: number;
  readonly clinician?: string | undefined;
  readonly patient?: string | undefined;
  readonly status?: string | undefined;
  /** The last visit of the page before. */
  readonly after?: { readonly at: number; readonly id: string } | undefined;
  readonly limit: number;
}

export interface ListedVisit {
  readonly id: string;
  /** Planned start (ms). */
  readonly at: number;
  readonly clinician: string | null;
  readonly patient: string | null;
  readonly status: string;
}

/** The index of rooms. What it says is as durable and as new as the events it follows from. */
export interface RoomListings {
  /** In the order of time, then id. */
  visits(query: VisitsQuery): Promise<ListedVisit[]>;
  /** An organisation's queues, by id. */
  queues(org: string): Promise<{ readonly id: string; readonly status: string }[]>;
  /** null: the organisation has no such room, or it is not listed. */
  find(org: string, ref: RoomRef): Promise<RoomListing | null>;
  /** Whom rooms are about, by `roomKey`: those of a visit, and of a chat about a patient. Others are left out. */
  patients(org: string, refs: readonly RoomRef[]): Promise<ReadonlyMap<string, string>>;
}

export function createRoomListings(tenants: Tenants): RoomListings {
  const visitsOf = (org: string) =>
    tenants(org)
      .selectFrom("room_listing")
      .select(["id", "at", "owner as clinician", "subject as patient", "status"])
      .where("org", "=", org)
      .where("kind", "=", "consultation");

  return {
    visits: ({ org, from, to, clinician, patient, status, after, limit }) => {
      let query = visitsOf(org).where("at", ">=", from).where("at", "<", to);
      if (clinician !== undefined) query = query.where("owner", "=", clinician);
      if (patient !== undefined) query = query.where("subject", "=", patient);
      if (status !== undefined) query = query.where("status", "=", status);
      if (after) query = query.where(sql<boolean>`(at, id) > (${after.at}, ${after.id})`);
      return query.orderBy("at").orderBy("id").limit(limit).execute();
    },
    queues: (org) =>
      tenants(org)
        .selectFrom("room_listing")
        .select(["id", "status"])
        .where("org", "=", org)
        .where("kind", "=", "waiting")
        .orderBy("id")
        .execute(),
    find: async (org, { kind, id }) => {
      const row = await tenants(org)
        .selectFrom("room_listing")
        .select(["at", "owner", "subject", "status"])
        .where("org", "=", org)
        .where("kind", "=", kind)
        .where("id", "=", id)
        .executeTakeFirst();
      return row ?? null;
    },
    patients: async (org, refs) => {
      if (refs.length === 0) return new Map();
      const { rows } = await sql<RoomRef & { readonly patient: string }>`
        select o.kind, o.id, coalesce(l.subject, k.subject) as patient
        from unnest(${refs.map(({ kind }) => kind)}::text[], ${refs.map(({ id }) => id)}::text[]) as w(kind, id)
        join room_owner o on o.kind = w.kind and o.id = w.id
        left join room_listing l on l.kind = o.kind and l.id = o.id
        left join data_key k on k.id = o.key_id and k.scope = 'person'
        where o.org = ${org} and coalesce(l.subject, k.subject) is not null`.execute(tenants(org));
      return new Map(rows.map(({ patient, ...ref }) => [roomKey(ref), patient]));
    },
  };
}
