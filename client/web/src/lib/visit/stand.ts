import { type ConsentKind, consentKinds } from "../../../../../core/domain/consent/consent.ts";
import { type VisitRole, visitRoles } from "../../../../../core/domain/visit/state.ts";
import type { ConsentView, ParticipantView, VisitSnapshot } from "../../../../sdk/types.ts";

/** Where somebody stands towards a visit. `closed`: they are let in no more, or never were. */
export type Stand = "connecting" | "closed" | "removed" | "door" | "inside";

/** `invited`: they have been in this visit, or came by an invitation to it; then its door was shut behind them. */
export function standOf({ status, reason, you }: VisitSnapshot, invited: boolean): Stand {
  if (you?.admission === "removed") return "removed";
  if (status === "closed") {
    const shut = reason?.code === "room_not_found" && (invited || you !== null);
    return shut ? "removed" : "closed";
  }
  if (!you) return "connecting";
  return you.admission === "admitted" ? "inside" : "door";
}

/** Those who are let in or expected: whoever is here first, then by role. */
export function peopleOf(participants: readonly ParticipantView[]): readonly ParticipantView[] {
  const order = ({ online, role }: ParticipantView) => (online ? 0 : 10) + visitRoles.indexOf(role);
  return participants
    .filter(({ admission }) => admission === "admitted" || admission === "expected")
    .toSorted((a, b) => order(a) - order(b) || a.name.localeCompare(b.name));
}

export function atDoor(participants: readonly ParticipantView[]): readonly ParticipantView[] {
  return participants.filter(({ admission }) => admission === "knocking");
}

/** Whoever leads the visit may remove others, but neither the patient nor the one responsible. */
export function isRemovable({ patient, clinician, me }: VisitSnapshot, { person }: ParticipantView): boolean {
  return person !== patient && person !== clinician && person !== me;
}

/** What somebody is asked to agree to: a patient to everything, whoever else is in the room to being recorded. */
export function asked(role: VisitRole): readonly ConsentKind[] {
  return role === "patient" ? consentKinds : ["recording"];
}

export function agrees(consents: readonly ConsentView[], person: string, what: ConsentKind): boolean {
  return consents.some(
    (one) => one.person === person && one.what === what && one.givenAt > 0 && one.withdrawnAt === null,
  );
}

export interface ConsentLine {
  readonly key: string;
  readonly name: string;
  readonly what: ConsentKind;
  readonly at: number;
  readonly given: boolean;
}

/** Who agreed to what and who withdrew it, the latest first. */
export function consentLines(consents: readonly ConsentView[]): readonly ConsentLine[] {
  return consents
    .flatMap(({ person, name, what, givenAt, withdrawnAt }): ConsentLine[] => {
      const line = { name, what };
      const given = { ...line, key: `${person} ${what} given`, at: givenAt, given: true };
      if (withdrawnAt === null) return [given];
      return [{ ...line, key: `${person} ${what} withdrawn`, at: withdrawnAt, given: false }, given];
    })
    .toSorted((a, b) => b.at - a.at);
}

/** Whole minutes that a visit took; null: it did not take place. */
export function lengthOf({
  startedAt,
  endedAt,
}: Pick<VisitSnapshot, "startedAt" | "endedAt">): number | null {
  return startedAt === null || endedAt === null ? null : Math.round((endedAt - startedAt) / 60_000);
}
