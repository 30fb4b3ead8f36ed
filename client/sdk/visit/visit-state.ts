import { backendNames } from "../../../core/domain/call/state.ts";
import { type ConsentKind, consentKinds } from "../../../core/domain/consent/consent.ts";
import { recordingStages } from "../../../core/domain/recording/state.ts";
import {
  type Admission,
  guestRoles,
  type InvitationStatus,
  mediaKinds,
  type VisitPhase,
  visitOutcomes,
  visitRoles,
} from "../../../core/domain/visit/state.ts";
import type { CallerView, CallView } from "../call/visit-call.ts";
import type { ChatStateLike } from "../chat/room-view.ts";
import { type Entries, listOf } from "../connection/state-parts.ts";
import { keep, keepEach } from "../lib/keep.ts";
import { oneOf } from "../lib/one-of.ts";
import type { ConsentView, InvitationView, ParticipantView, RecordingView, VisitSnapshot } from "./types.ts";

/**
 * A visit's state as it is read here; whoever is at the door does not get the optional part. 0 and "" stand
 * for "not so". `ConsultationState` is of this form.
 */
export interface VisitStateLike extends Partial<ChatStateLike> {
  readonly phase: string;
  readonly outcome: string;
  readonly locked: boolean;
  readonly held: boolean;
  readonly scheduledAt: number;
  readonly minutes: number;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly clinicianName: string;
  readonly patient?: string;
  readonly clinician?: string;
  readonly reason?: string;
  readonly participants?: Entries<ParticipantStateLike>;
  readonly invitations?: Entries<InvitationStateLike>;
  readonly consents?: Entries<ConsentStateLike>;
  readonly call?: CallStateLike;
  readonly recording?: RecordingStateLike;
}

interface RecordingStateLike {
  readonly id: string;
  readonly status: string;
  readonly since: number;
  readonly recorder: string;
  readonly segment: number;
  readonly reason: string;
}

interface CallStateLike {
  readonly n: number;
  readonly backend: string;
  readonly state: string;
  readonly people: Entries<Omit<CallerView, "person">>;
}

interface ParticipantStateLike {
  readonly name: string;
  readonly role: string;
  readonly admission: string;
  readonly online: boolean;
  readonly media: string;
}

interface InvitationStateLike {
  readonly role: string;
  readonly label: string;
  readonly expiresAt: number;
  readonly status: string;
  readonly guest: string;
}

interface ConsentStateLike {
  readonly person: string;
  readonly name: string;
  readonly what: string;
  readonly givenAt: number;
  readonly withdrawnAt: number;
}

/** What a snapshot takes from the state. */
export type VisitView = Omit<VisitSnapshot, "id" | "status" | "reason" | "me" | "you">;

const phases: readonly VisitPhase[] = ["scheduled", "waiting", "in_progress", "ended"];
const admissions: readonly Admission[] = ["expected", "knocking", "admitted", "removed"];
const callStates: readonly CallView["state"][] = ["none", "opening", "open", "unavailable"];
const invitationStatuses: readonly InvitationStatus[] = ["open", "accepted", "revoked", "expired"];

export const emptyVisit: VisitView = {
  phase: "waiting",
  outcome: null,
  locked: false,
  held: false,
  schedule: null,
  startedAt: null,
  endedAt: null,
  clinicianName: "",
  patient: null,
  clinician: null,
  about: "",
  participants: [],
  invitations: [],
  consents: [],
  call: { n: 0, backend: null, state: "none", people: [] },
  recording: { recording: null, status: "none", since: 0, recorder: null, segment: 0, reason: null },
};

/** Reads the state; parts that did not change stay the same objects as in `before`. */
export function readVisit(state: VisitStateLike, before: VisitView): VisitView {
  const { outcome, scheduledAt, minutes } = state;
  const schedule = scheduledAt > 0 ? { at: scheduledAt, minutes } : null;
  return {
    phase: oneOf(phases, state.phase, "waiting"),
    outcome: visitOutcomes.find((known) => known === outcome) ?? null,
    locked: state.locked,
    held: state.held,
    schedule: keep(before.schedule, schedule),
    startedAt: state.startedAt || null,
    endedAt: state.endedAt || null,
    clinicianName: state.clinicianName,
    patient: state.patient || null,
    clinician: state.clinician || null,
    about: state.reason ?? "",
    participants: keepEach(before.participants, listOf(state.participants, readParticipant)),
    invitations: keepEach(before.invitations, listOf(state.invitations, readInvitation)),
    consents: keepEach(before.consents, listOf(state.consents, readConsent).flat()),
    call: keep(before.call, state.call ? readCall(state.call) : emptyVisit.call),
    recording: keep(
      before.recording,
      state.recording ? readRecording(state.recording) : emptyVisit.recording,
    ),
  };
}

/** The conversation in a visit; null while the room does not show it. */
export function conversationOf(state: VisitStateLike): ChatStateLike | null {
  const { title = "", lastSeq = 0, members, cursors = nothing, typing = nothing } = state;
  return members ? { title, lastSeq, members, cursors, typing } : null;
}

const nothing: Entries<never> = new Map<string, never>();

function readParticipant(
  { name, role, admission, online, media }: ParticipantStateLike,
  person: string,
): ParticipantView {
  return {
    person,
    name,
    role: oneOf(visitRoles, role, "observer"),
    admission: oneOf(admissions, admission, "expected"),
    online,
    media: oneOf(mediaKinds, media, "none"),
  };
}

function readInvitation(
  { role, label, expiresAt, status, guest }: InvitationStateLike,
  id: string,
): InvitationView {
  return {
    id,
    role: oneOf(guestRoles, role, "observer"),
    label,
    expiresAt,
    status: oneOf(invitationStatuses, status, "expired"),
    guest: guest || null,
  };
}

function readCall({ n, backend, state, people }: CallStateLike): CallView {
  return {
    n,
    backend: backendNames.find((known) => known === backend) ?? null,
    state: oneOf(callStates, state, "none"),
    people: listOf(people, ({ since, audio, video }, person) => ({ person, since, audio, video })),
  };
}

function readRecording({ id, status, since, recorder, segment, reason }: RecordingStateLike): RecordingView {
  return {
    recording: id || null,
    status: oneOf(recordingStages, status, "none"),
    since,
    recorder: recorder || null,
    segment,
    reason: reason || null,
  };
}

/** A consent to something unknown is none that can be shown. */
function readConsent({
  person,
  name,
  what: named,
  givenAt,
  withdrawnAt,
}: ConsentStateLike): readonly ConsentView[] {
  const what: ConsentKind | undefined = consentKinds.find((known) => known === named);
  return what ? [{ person, name, what, givenAt, withdrawnAt: withdrawnAt || null }] : [];
}
