import type { reportStatuses } from "../../../core/domain/recording/commands.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import type { RecordingLeaseMessage, RecordingStateMessage } from "../../../core/protocol/recording.ts";

export type ReportStatus = (typeof reportStatuses)[number];

export interface VisitRecorderEvents {
  /** How the recording stands, at every change; the same as the visit's `recording`. */
  state: RecordingStateMessage;
  /** Go on recording: without one for 5 s, stop. */
  lease: RecordingLeaseMessage;
}

/** What a browser that records a visit's call hears from the room, and tells it. */
export interface VisitRecorder {
  on<K extends keyof VisitRecorderEvents>(
    name: K,
    listener: (value: VisitRecorderEvents[K]) => void,
  ): () => void;
  /** As soon as it records that segment, as soon as it does not, and once all it has recorded is there. */
  report(recording: string, segment: number, status: ReportStatus): Promise<CommandReply>;
  /** Brings a piece to the server; they are counted from 0. Again, it does nothing more. */
  store(recording: string, segment: number, index: number, bytes: Blob): Promise<void>;
}
