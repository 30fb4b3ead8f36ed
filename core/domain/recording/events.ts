import type { BackendName } from "../call/state.ts";
import type { DomainEvent } from "../feature.ts";
import type { VisitDecided } from "../visit/events.ts";
import type { Manifest } from "./manifest.ts";
import type { PendingAdmission } from "./state.ts";

interface OfRecording extends DomainEvent {
  readonly recording: string;
}
interface OfSegment extends OfRecording {
  readonly segment: number;
}

/** A recorder is asked to begin a segment; the first one begins the recording. */
export interface RecordingStarting extends OfSegment {
  readonly type: "recording.starting";
  readonly n: number;
  readonly backend: BackendName;
  readonly place: string | null;
  readonly recorder: string | null;
  readonly keepMs: number;
  readonly recordable: readonly BackendName[];
}
export interface RecordingStarted extends OfSegment {
  readonly type: "recording.started";
}
/** `person`: who has withdrawn, or who is there without having agreed. */
export interface RecordingPausing extends OfSegment {
  readonly type: "recording.pausing";
  readonly reason: "consent_withdrawn" | "newcomer";
  readonly person: string | null;
  readonly admission: PendingAdmission | null;
}
/** One more admission waits for the recorder to end. */
export interface RecordingAdmissionHeld extends OfRecording {
  readonly type: "recording.admissionHeld";
  readonly admission: PendingAdmission;
}
/** Nothing more is taken in: the recorder has said so, or its lease has run out. */
export interface RecordingHalted extends OfSegment {
  readonly type: "recording.halted";
  readonly how: "confirmed" | "lease";
}
/** The recorder has ended by itself. `confirmed`: it has said so. */
export interface RecordingBroken extends OfSegment {
  readonly type: "recording.broken";
  readonly reason: string;
  readonly confirmed: boolean;
}
export interface RecordingStopping extends OfRecording {
  readonly type: "recording.stopping";
  readonly reason: string;
}
/** Everything is there: the files can be made. */
export interface RecordingComplete extends OfRecording {
  readonly type: "recording.complete";
}
export interface RecordingSealed extends OfRecording {
  readonly type: "recording.sealed";
  readonly manifest: Manifest;
}
/** It is kept until another time than the manifest said. */
export interface RecordingKept extends OfRecording {
  readonly type: "recording.kept";
  readonly until: number;
}
/** It has been kept for as long as it is to be. */
export interface RecordingExpiring extends OfRecording {
  readonly type: "recording.expiring";
}
export interface RecordingExpired extends OfRecording {
  readonly type: "recording.expired";
}

export type RecordingEvent =
  | RecordingStarting
  | RecordingStarted
  | RecordingPausing
  | RecordingAdmissionHeld
  | RecordingHalted
  | RecordingBroken
  | RecordingStopping
  | RecordingComplete
  | RecordingSealed
  | RecordingKept
  | RecordingExpiring
  | RecordingExpired;

/** Admissions that have waited are made in the decision by which the recorder has ended. */
export type RecordingDecided = RecordingEvent | VisitDecided;

export function isRecordingEvent(event: DomainEvent): event is RecordingEvent {
  return event.type.startsWith("recording.");
}
