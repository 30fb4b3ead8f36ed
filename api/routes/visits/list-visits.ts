import { z } from "zod";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import { hasRole, type Principal } from "../../../core/domain/principal.ts";
import { roomIdPattern } from "../../../core/domain/room.ts";
import type { ListedVisit, VisitsQuery } from "../../../core/platform/repositories/room-listings.ts";
import { visits } from "../../../core/protocol/rest.ts";
import { visitsQuery } from "../../../core/protocol/rest-visits.ts";
import { endpoint } from "../../endpoint.ts";
import { decodeCursor, encodeCursor } from "../../http/cursor.ts";
import type { ApiDeps } from "../../ports.ts";
import { presentVisits } from "./present-visits.ts";

const place = z.strictObject({ at: z.int(), id: z.string().regex(roomIdPattern) });

export const listVisits = endpoint({
  id: "listVisits",
  method: "get",
  path: "/v1/visits",
  tag: "visits",
  summary: "Visits in the order of their times",
  description:
    "Staff see those of the organisation, patients their own, and guests the one that they were let into. A " +
    "visit that was not scheduled is at the time when it was opened.",
  input: { query: visitsQuery },
  reply: visits,
  errors: ["forbidden"],
  reads: { action: "visits.list", subjects: ({ items }) => items.map(({ patient }) => patient.id) },
  handle: async ({ query: { after, limit, ...asked } }, { principal, listings, memberships, identity }) => {
    const { org } = principal;
    const wanted = { ...asked, org, after: decodeCursor(place, after), limit: limit + 1 };
    const found = await visibleTo(principal, wanted, { listings, memberships });
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const next = found.length > limit && last ? encodeCursor({ at: last.at, id: last.id }) : null;
    const people = shown.flatMap(({ patient, clinician }) => [patient ?? [], clinician ?? []].flat());
    return { items: presentVisits(shown, await identity.people.names(org, [...new Set(people)])), next };
  },
});

async function visibleTo(
  principal: Principal,
  wanted: VisitsQuery,
  { listings, memberships }: Pick<ApiDeps, "listings" | "memberships">,
): Promise<readonly ListedVisit[]> {
  const { org, id } = principal;
  if (!can(principal, "visit.list", { org })) throw new DomainError("forbidden");
  if (can(principal, "visit.listAll", { org })) return listings.visits(wanted);
  const { patient = id, clinician, from, to } = wanted;
  if (patient !== id) throw new DomainError("forbidden");
  if (!hasRole(principal, "guest")) return listings.visits({ ...wanted, patient: id });
  // Whoever is still at the door is not told whose visit it is.
  const inside = await memberships.rooms({ org, person: id, kind: "consultation" });
  const ids = inside.flatMap((room) => (room.role === "door" ? [] : [room.id]));
  const found = await Promise.all(
    ids.map((visit) => listings.find(org, { kind: "consultation", id: visit })),
  );
  return found.flatMap((room, i) => {
    const listed = room && { id: ids[i] ?? "", ...room, clinician: room.owner, patient: room.subject };
    const fits = listed && listed.at >= from && listed.at < to;
    return fits && (clinician === undefined || clinician === listed.clinician) ? [listed] : [];
  });
}
