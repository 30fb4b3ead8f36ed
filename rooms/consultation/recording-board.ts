import type { Recorded } from "../../core/domain/feature.ts";
import { isRecordingEvent, type RecordingEvent } from "../../core/domain/recording/events.ts";
import { lastSegment, type RecordingState as Recording } from "../../core/domain/recording/state.ts";
import { type RecordingStateMessage, recordingMessages } from "../../core/protocol/recording.ts";
import type { Here, Personal } from "../socket/room-view.ts";
import type { RecordingState } from "../state/consultation-state.ts";

/** Brings the schema to the recording; whether anything that is shown may be different. */
export function showRecording(
  schema: RecordingState,
  recording: Recording,
  before: Recording | null,
): boolean {
  if (recording === before) return false;
  const { recording: id, status, since, recorder, segment, reason } = standOf(recording);
  schema.assign({ id: id ?? "", status, since, recorder: recorder ?? "", segment, reason: reason ?? "" });
  return true;
}

/** Everyone inside is told how the recording stands, where that has changed. */
export function recordingMessagesOf(
  events: readonly Recorded[],
  recording: Recording,
  isInside: (person: string) => boolean,
  here: Here,
): readonly Personal[] {
  if (!events.some(({ event }) => isRecordingEvent(event) && !unseen.includes(event.type))) return [];
  const payload = standOf(recording);
  const name = recordingMessages.state;
  return [...here.keys()].filter(isInside).map((person) => ({ person, name, payload }));
}

/** What of a recording is not about the one that is being made. */
const unseen: readonly RecordingEvent["type"][] = [
  "recording.admissionHeld",
  "recording.complete",
  "recording.sealed",
  "recording.expiring",
  "recording.expired",
];

function standOf(recording: Recording): RecordingStateMessage {
  const { stage: status, current, since, reason } = recording;
  const last = lastSegment(recording);
  const runs = status === "starting" || status === "running";
  return {
    recording: current?.id ?? null,
    status,
    since,
    recorder: (runs && last?.recorder) || null,
    segment: last?.segment ?? 0,
    reason,
  };
}
