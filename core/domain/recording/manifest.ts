import type { BackendName } from "../call/state.ts";
import type { Presence, RecordingConsent } from "./state.ts";

/** When a recorder ran. */
export interface Interval {
  readonly segment: number;
  readonly backend: BackendName;
  readonly from: number;
  readonly to: number;
}

/** When none ran although a recording was under way, and why. */
export interface RecordingGap {
  readonly reason: string;
  readonly from: number;
  readonly to: number;
}

/** What the room knows of a recording once it has ended. */
export interface RecordingFacts {
  readonly recording: string;
  readonly startedBy: string;
  readonly from: number;
  readonly to: number;
  /** Why it ended. */
  readonly reason: string;
  readonly intervals: readonly Interval[];
  readonly gaps: readonly RecordingGap[];
  readonly participants: readonly Presence[];
  readonly consents: readonly RecordingConsent[];
}

/** One file to play. `person`: whose; null: everyone's together. `from`, `to`: what of the recording it covers. */
export interface RecordedFile {
  readonly name: string;
  readonly person: string | null;
  readonly mime: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly durationMs: number;
  readonly from: number;
  readonly to: number;
}

/** What came of making the files. `fault`: what is missing, in words for operators; null: nothing. */
export interface Made {
  readonly files: readonly RecordedFile[];
  readonly fault: string | null;
}

/** A segment as those who make the files need it. `from` is when the recorder was asked to begin where it is not known to have run. */
export interface PlannedSegment {
  readonly segment: number;
  readonly backend: BackendName;
  readonly from: number;
  readonly to: number;
}

/** The errand `finish` to `recordings`; the answer is `Made & { sha256 }` as JSON. */
export interface FinishPlan {
  readonly recording: string;
  readonly segments: readonly PlannedSegment[];
  readonly facts: RecordingFacts;
}

/** A finished recording, as the journal keeps it. */
export interface Manifest extends RecordingFacts, Made {
  readonly keptUntil: number;
  /** Of `manifestText`, hexadecimal: SHA-256. */
  readonly sha256: string;
}

/** What the checksum of a manifest is made of. */
export function manifestText(facts: RecordingFacts, { files, fault }: Made): string {
  const { recording, startedBy, from, to, reason } = facts;
  return JSON.stringify([
    [recording, startedBy, from, to, reason],
    facts.intervals.map((one) => [one.segment, one.backend, one.from, one.to]),
    facts.gaps.map((gap) => [gap.reason, gap.from, gap.to]),
    facts.participants.map((one) => [one.person, one.from, one.to]),
    facts.consents.map((one) => [
      ...[one.person, one.givenAt, one.withdrawnAt],
      ...(one.text ? [one.text.version, one.text.language] : []),
    ]),
    files.map((file) => [
      ...[file.name, file.person, file.mime, file.bytes, file.sha256],
      ...[file.durationMs, file.from, file.to],
    ]),
    fault,
  ]);
}
