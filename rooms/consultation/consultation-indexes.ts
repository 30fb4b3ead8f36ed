import type { Recorded } from "../../core/domain/feature.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { isVisitEvent, type VisitEvent } from "../../core/domain/visit/events.ts";
import { participantOf, type VisitState } from "../../core/domain/visit/state.ts";
import type { Indexes } from "../actor/room-kind.ts";
import { conversationIndexes } from "../chat/conversation-indexes.ts";

/** Who takes part, and how the visit stands in the index of rooms, where these events change it. */
export function consultationIndexes(events: readonly Recorded[], state: ConsultationState): Indexes {
  const people = new Set<string>();
  let listed = false;
  for (const { event } of events) {
    if (!isVisitEvent(event)) continue;
    for (const person of peopleIn(event)) people.add(person);
    listed ||= listing.includes(event.type);
  }
  const { cursors } = conversationIndexes(events, state.conversation);
  const { visit } = state;
  return {
    members: [...people].map((person) => ({ person, role: memberRole(visit, person) })),
    cursors: cursors.filter(({ person }) => participantOf(visit, person)),
    listing: listed && visit.created ? listingOf(visit) : null,
  };
}

const listing: readonly VisitEvent["type"][] = [
  "visit.created",
  "visit.rescheduled",
  "visit.arrived",
  "visit.entered",
  "visit.started",
  "visit.ended",
  "visit.transferred",
];

function listingOf({ schedule, arrivedAt, createdAt, clinician, patient, phase }: VisitState) {
  const at = schedule?.at ?? arrivedAt ?? createdAt;
  return { at, owner: clinician?.person ?? null, subject: patient.person, status: phase };
}

/** `door`: may come, and sees nothing of what is inside. */
export function memberRole(visit: VisitState, person: string): string | null {
  const participant = participantOf(visit, person);
  if (!participant || participant.admission === "removed") return null;
  return participant.admission === "admitted" ? participant.role : "door";
}

function peopleIn(event: VisitEvent): readonly string[] {
  switch (event.type) {
    case "visit.created":
      return event.clinician ? [event.patient.person, event.clinician.person] : [event.patient.person];
    case "visit.admitted":
    case "visit.removed":
      return [event.person];
    case "visit.accepted":
      return [event.guest];
    case "visit.transferred":
      return [event.to.person];
    default:
      return [];
  }
}
