import type { BackendName, CallInVisit } from "../call/state.ts";
import type { ConsentState, ShownText } from "../consent/consent.ts";
import type { PersonName } from "../visit/state.ts";
import type { Manifest } from "./manifest.ts";

/**
 * `starting`: the recorder was asked to begin; `pausing`, `stopping`: it was asked to end, and that is not known yet; `broken`: it
 * has ended by itself, and begins anew by itself. `none`: nothing is being recorded.
 */
export const recordingStages = [
  "none",
  "starting",
  "running",
  "pausing",
  "paused",
  "broken",
  "stopping",
] as const;
export type RecordingStage = (typeof recordingStages)[number];

/** What was recorded without a break: one session's, by one recorder. They count up from 1. */
export interface SegmentRecord {
  readonly segment: number;
  /** The call's session. */
  readonly n: number;
  readonly backend: BackendName;
  readonly place: string | null;
  /** Whose browser records; null: the backend does. */
  readonly recorder: string | null;
  /** When the recorder was asked to begin. */
  readonly askedAt: number;
  /** Since when it is known to run; null: it never was. */
  readonly from: number | null;
  readonly to: number | null;
  /** Why it ended. */
  readonly reason: string | null;
}

/** A recorder that has to be told to end, and since when. No consent is needed that would not be needed while it runs. */
export interface Halting {
  readonly segment: number;
  readonly since: number;
}

/** Somebody was there, from when to when. */
export interface Presence {
  readonly person: string;
  readonly from: number;
  readonly to: number | null;
}

export interface RecordingConsent {
  readonly person: string;
  readonly givenAt: number;
  readonly withdrawnAt: number | null;
  /** What they agreed to; left out: the page's own words. */
  readonly text?: ShownText | undefined;
}

/** One recording of a visit, while it is made. Times are ms since the epoch. */
export interface Recording {
  readonly id: string;
  readonly startedBy: string;
  readonly startedAt: number;
  /** Who asked for it last, and whose browser records where browsers do. */
  readonly askedBy: string;
  /** For how long it is kept once it is finished. */
  readonly keepMs: number;
  readonly segments: readonly SegmentRecord[];
  readonly presence: readonly Presence[];
  readonly consents: readonly RecordingConsent[];
}

/** An admission that is made once the recorder has paused, and who asked for it. */
export type PendingAdmission = { readonly id: string; readonly by: PersonName } & (
  | { readonly name: "visit.admit"; readonly participant: string }
  | { readonly name: "visit.transfer"; readonly to: PersonName }
);

/** A recording that has ended and whose files are yet to be made. */
export interface Finishing extends Recording {
  readonly endedAt: number;
  readonly reason: string;
  /** A browser may have something to send until then; null: everything is there. */
  readonly waitsUntil: number | null;
}

/** `expiring`: it is being removed. */
export interface SealedRecording {
  readonly manifest: Manifest;
  readonly fate: "kept" | "expiring" | "expired";
}

export interface RecordingState {
  readonly stage: RecordingStage;
  readonly current: Recording | null;
  /** Since when it stands where it stands, and why; null: it was asked for. */
  readonly since: number;
  readonly reason: string | null;
  /** Whose recorders may still run, though they should not. */
  readonly halting: readonly Halting[];
  readonly admissions: readonly PendingAdmission[];
  /** Backends that can record, as the room last knew it. */
  readonly recordable: readonly BackendName[];
  /** How often the recorder has ended by itself, in a row, and when it begins anew; null: not by itself. */
  readonly failures: number;
  readonly retryAt: number | null;
  /** Since when nobody is in the call. */
  readonly emptySince: number | null;
  readonly finishing: readonly Finishing[];
  readonly sealed: readonly SealedRecording[];
}

/** Recording follows from who is there, what they agreed to, and what carries their call. */
export interface RecordingInVisit extends CallInVisit {
  readonly consent: ConsentState;
  readonly recording: RecordingState;
}

/** A recorder goes on for so long without its room. */
export const leaseMs = 5_000;
/** Without an answer, a recorder that nobody renews has ended after so long. */
export const haltMs = leaseMs + 1_000;
/** A recorder that does not run so long after it was asked to is given up. */
export const startMs = 15_000;
/** How long a browser may send what it has recorded after the end. */
export const uploadMs = 30_000;
/** A recording during which nobody is in the call for so long is over. */
export const emptyMs = 10 * 60_000;
/** A segment that held for so long makes the failures before it forgotten. */
export const steadyMs = 60_000;
/** The pause after each failure in a row; then somebody has to start it again. */
export const pausesMs: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
export const recordingLimit = 50;
export const segmentLimit = 200;
export const presenceLimit = 500;

export const initialRecording: RecordingState = {
  stage: "none",
  current: null,
  since: 0,
  reason: null,
  halting: [],
  admissions: [],
  recordable: [],
  failures: 0,
  retryAt: null,
  emptySince: null,
  finishing: [],
  sealed: [],
};

/** The segment that runs, is about to, or was the last to. */
export function lastSegment({ current }: Pick<RecordingState, "current">): SegmentRecord | null {
  return current?.segments.at(-1) ?? null;
}

/** Whether a recorder runs, or may do so. */
export function mayRun({ stage, halting }: RecordingState): boolean {
  return stage === "starting" || stage === "running" || halting.length > 0;
}
