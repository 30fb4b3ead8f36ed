import { sql } from "kysely";
import type { RoomRef } from "../../domain/room.ts";
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
  };
}
