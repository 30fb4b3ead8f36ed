import type { Consent } from "../../core/domain/consent/consent.ts";
import type { ConsultationState as Consultation } from "../../core/domain/kinds.ts";
import type { Invitation, Participant, VisitState } from "../../core/domain/visit/state.ts";
import {
  ConsentState,
  type ConsultationState,
  InvitationState,
  ParticipantState,
} from "../state/consultation-state.ts";
import { CallBoard } from "./call-board.ts";
import { showRecording } from "./recording-board.ts";

/** The visit, its call and its recording in the schema. A visit is small: what was assigned as it was is not sent. */
export class VisitBoard {
  readonly #schema: ConsultationState;
  readonly #call: CallBoard;
  readonly #here = new Set<string>();
  #shown: Consultation | null = null;

  constructor(schema: ConsultationState) {
    this.#schema = schema;
    this.#call = new CallBoard(schema.call);
  }

  /** Whether anything but the conversation is different. */
  show(state: Consultation): boolean {
    const before = this.#shown;
    this.#shown = state;
    const { visit, call, consent } = state;
    if (visit !== before?.visit) this.#showVisit(visit, before?.visit ?? null);
    if (consent !== before?.consent) {
      for (const [key, one] of Object.entries(consent.consents)) this.#showConsent(key, one);
    }
    const callChanged = this.#call.show(call);
    const recordingChanged = showRecording(
      this.#schema.recording,
      state.recording,
      before?.recording ?? null,
    );
    return callChanged || recordingChanged || visit !== before?.visit || consent !== before.consent;
  }

  /** Whether the person takes part here. */
  present(person: string, online: boolean): boolean {
    if (online) this.#here.add(person);
    else this.#here.delete(person);
    const shown = this.#schema.participants.get(person);
    if (!shown || shown.online === online) return false;
    shown.online = online;
    return true;
  }

  /** Who is connected here. */
  has(person: string): boolean {
    return this.#here.has(person);
  }

  #showVisit(visit: VisitState, before: VisitState | null): void {
    const { phase, outcome, locked, held, schedule, startedAt, endedAt, patient, clinician, reason } = visit;
    this.#schema.assign({
      ...{ phase, locked, held, reason },
      outcome: outcome ?? "",
      scheduledAt: schedule?.at ?? 0,
      minutes: schedule?.minutes ?? 0,
      startedAt: startedAt ?? 0,
      endedAt: endedAt ?? 0,
      clinicianName: clinician?.name ?? "",
      patient: patient.person,
      clinician: clinician?.person ?? "",
    });
    if (visit.participants !== before?.participants) {
      for (const [person, one] of Object.entries(visit.participants)) this.#showParticipant(person, one);
    }
    if (visit.invitations !== before?.invitations) {
      for (const [id, one] of Object.entries(visit.invitations)) this.#showInvitation(id, one);
    }
  }

  #showParticipant(person: string, { name, role, admission, media, invitation }: Participant): void {
    const online = this.#here.has(person);
    const fields = { name, role, admission, online, media, invitation: invitation ?? "" };
    const shown = this.#schema.participants.get(person);
    if (shown) shown.assign(fields);
    else this.#schema.participants.set(person, new ParticipantState().assign(fields));
  }

  #showInvitation(id: string, { role, label, expiresAt, status, guest }: Invitation): void {
    const fields = { role, label, expiresAt, status, guest: guest ?? "" };
    const shown = this.#schema.invitations.get(id);
    if (shown) shown.assign(fields);
    else this.#schema.invitations.set(id, new InvitationState().assign(fields));
  }

  #showConsent(key: string, { person, name, what, givenAt, withdrawnAt }: Consent): void {
    const fields = { person, name, what, givenAt, withdrawnAt: withdrawnAt ?? 0 };
    const shown = this.#schema.consents.get(key);
    if (shown) shown.assign(fields);
    else this.#schema.consents.set(key, new ConsentState().assign(fields));
  }
}
