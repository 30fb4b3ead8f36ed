import { type SchemaType, schema, t } from "@colyseus/schema";
import { MemberState } from "./chat-state.ts";

/** Somebody who takes part, is at the door, or was here. */
export const ParticipantState = schema(
  {
    name: t.string(),
    /** patient, clinician, interpreter, family or observer. */
    role: t.string(),
    /** expected, knocking, admitted or removed. */
    admission: t.string(),
    online: t.boolean(),
    /** video, audio or none. */
    media: t.string(),
    /** Through which invitation they came. */
    invitation: t.string(),
  },
  "Participant",
);

export const InvitationState = schema(
  {
    role: t.string(),
    label: t.string(),
    expiresAt: t.number(),
    /** open, accepted, revoked or expired. */
    status: t.string(),
    guest: t.string(),
  },
  "Invitation",
);

export const ConsentState = schema(
  {
    person: t.string(),
    name: t.string(),
    what: t.string(),
    givenAt: t.number(),
    /** 0: it holds. */
    withdrawnAt: t.number(),
  },
  "Consent",
);

/** Somebody in the call. `audio`, `video`: whether they have a microphone and a camera to give. */
export const CallerState = schema({ since: t.number(), audio: t.boolean(), video: t.boolean() }, "Caller");

/** The call, and what it runs on. */
export const CallState = schema(
  {
    /** Of the session: it counts up; 0: there has been none. */
    n: t.number(),
    /** chime, mediasoup or peer; empty: none. */
    backend: t.string(),
    /** none, opening, open or unavailable. */
    state: t.string(),
    /** Person id → who is in the call. */
    people: t.map(CallerState),
  },
  "Call",
);

/** Whether the visit is being recorded. Everyone inside sees it. */
export const RecordingState = schema(
  {
    /** Empty: there is none. */
    id: t.string(),
    /** none, starting, running, pausing, paused, broken or stopping. */
    status: t.string(),
    since: t.number(),
    /** Whose browser records; empty: a server does. */
    recorder: t.string(),
    segment: t.number(),
    /** Why it is so; empty: it was asked for. */
    reason: t.string(),
  },
  "Recording",
);

/**
 * What a consultation shows live. Whoever is at the door sees where the visit stands and nothing of who is
 * inside. Times are ms since the epoch; 0 stands for "not so".
 */
export const ConsultationState = schema(
  {
    /** scheduled, waiting, in_progress or ended. */
    phase: t.string(),
    outcome: t.string(),
    locked: t.boolean(),
    held: t.boolean(),
    scheduledAt: t.number(),
    minutes: t.number(),
    startedAt: t.number(),
    endedAt: t.number(),
    /** The responsible clinician's name, also for those at the door. */
    clinicianName: t.string(),
    /** Person ids. Those inside alone see these and what follows. */
    patient: t.string().view(),
    clinician: t.string().view(),
    reason: t.string().view(),
    participants: t.map(ParticipantState).view(),
    invitations: t.map(InvitationState).view(),
    /** `<person> <what>` → consent. */
    consents: t.map(ConsentState).view(),
    call: t.ref(CallState).view(),
    recording: t.ref(RecordingState).view(),
    /** The conversation's, as in a chat. */
    title: t.string().view(),
    lastSeq: t.number().view(),
    members: t.map(MemberState).view(),
    cursors: t.map("number").view(),
    typing: t.map("boolean").view(),
  },
  "Consultation",
);

export type CallState = SchemaType<typeof CallState>;
export type RecordingState = SchemaType<typeof RecordingState>;
export type ParticipantState = SchemaType<typeof ParticipantState>;
export type ConsultationState = SchemaType<typeof ConsultationState>;
