import type { DomainEvent, Due, Feature } from "../feature.ts";
import { isRecordingCommand, type RecordingCommand } from "./commands.ts";
import { nextDeadline } from "./deadlines.ts";
import { decideRecording } from "./decide.ts";
import { recordingErrands } from "./errands.ts";
import { evolveRecording, isSeenByRecording, type RecordingSeen } from "./evolve.ts";
import { lastSegment, type RecordingInVisit } from "./state.ts";
import { initialWithin } from "./within.ts";

/** The recording of a visit's call, for as long as everyone there agrees. It stands after visit, call and consents: it follows them. */
export const recording: Feature<RecordingInVisit, RecordingCommand, RecordingSeen, DomainEvent> = {
  name: "recording",
  initial: initialWithin,
  ownsCommand: isRecordingCommand,
  ownsEvent: isSeenByRecording,
  decide: decideRecording,
  evolve: (state, recorded) => {
    const after = evolveRecording(state, recorded);
    return after === state.recording ? state : { ...state, recording: after };
  },
  due: recordingDue,
  errands: recordingErrands,
};

function recordingDue(state: RecordingInVisit): Due<RecordingCommand> | null {
  const next = nextDeadline(state);
  if (!next) return null;
  const { at, event } = next;
  const segment = lastSegment(state.recording)?.segment ?? 0;
  const id = `due_${at}_${event.type}_${event.recording}_${segment}`;
  return { at, command: { name: "recording.due", id, at } };
}
