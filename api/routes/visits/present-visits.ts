import type { ListedVisit } from "../../../core/platform/repositories/room-listings.ts";
import { type VisitItem, visitItem } from "../../../core/protocol/rest.ts";

/** Visits as lists show them. People who are in no directory of ours go by their ids. */
export function presentVisits(
  visits: readonly ListedVisit[],
  names: ReadonlyMap<string, string>,
): VisitItem[] {
  const person = (id: string) => ({ id, name: names.get(id) ?? id });
  return visits.flatMap(({ id, at, status, patient, clinician }) => {
    if (patient === null) return [];
    const phase = visitItem.shape.phase.parse(status);
    const seenBy = clinician === null ? null : person(clinician);
    return [{ id, at, phase, patient: person(patient), clinician: seenBy }];
  });
}
