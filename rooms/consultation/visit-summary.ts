import type { ConsultationState } from "../../core/domain/kinds.ts";
import type { VisitSummary } from "../../core/protocol/visit.ts";

/** What is left of a visit to read. Staff alone see notes that are not shared; they and the patient the survey. */
export function summarise(
  { visit, call, consent, conversation }: ConsultationState,
  reader: { readonly person: string; readonly staff: boolean },
): VisitSummary {
  const { phase, outcome, patient, clinician, reason, schedule } = visit;
  const { arrivedAt, startedAt, endedAt, participants, mediaLog, notes, survey } = visit;
  return {
    ...{ phase, outcome, patient, clinician, reason, schedule, arrivedAt, startedAt, endedAt },
    participants: Object.entries(participants).map(([person, { name, role, admission }]) => ({
      person,
      name,
      role,
      admission,
    })),
    media: mediaLog,
    calls: call.sessions,
    callGaps: call.gaps,
    consents: Object.values(consent.consents),
    notes: notes
      .filter(({ shared }) => shared || reader.staff)
      .map(({ body, by, at, shared }) => ({ body, by: by.name, at, shared })),
    hasMessages: conversation.lastMessage > 0,
    survey: reader.staff || reader.person === patient.person ? survey : null,
  };
}
