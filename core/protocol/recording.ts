import { z } from "zod";
import { reportStatuses } from "../domain/recording/commands.ts";
import type { RecordedFile, RecordingFacts } from "../domain/recording/manifest.ts";
import type { RecordingStage } from "../domain/recording/state.ts";
import { commandId } from "./conversation.ts";

export const recordingId = z.string().regex(/^[a-f0-9]{16}$/, "a recording's id");
export const segmentNumber = z.int().min(1).max(10_000);
export const fileName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "a file's name");

/** What a browser sends of what it records: one piece after the other, each at most so many bytes. */
export const chunkBytes = 4 * 1024 * 1024;
export const chunkLimit = 20_000;

/** The payload of every request of a recording. Unknown fields are refused. */
export const recordingRequests = {
  /** Also goes on with one that is paused. Refused with `consent_missing` unless everyone there has agreed. */
  "recording.start": z.strictObject({ id: commandId }),
  "recording.stop": z.strictObject({ id: commandId }),
  /**
   * From the browser that records a `peer` call, about the segment it was asked for: `running` as soon as it records, `stopped` as soon
   * as it does not, `uploaded` once the last piece is here as well. Each has an id of its own.
   */
  "recording.report": z.strictObject({
    id: commandId,
    recording: recordingId,
    segment: segmentNumber,
    status: z.enum(reportStatuses),
  }),

  /** From elsewhere in the engine, which alone may. */
  "recording.keep": z.strictObject({ recording: recordingId, until: z.int().min(0) }),

  /** Reads. */
  "recording.list": z.strictObject({}),
  "recording.file": z.strictObject({ recording: recordingId, name: fileName }),
  /** Whether whoever asks may send pieces of this segment now. */
  "recording.upload": z.strictObject({ recording: recordingId, segment: segmentNumber }),
} as const;

/** Messages of the room's own. */
export const recordingMessages = { state: "recording.state", lease: "recording.lease" } as const;

/**
 * To everyone inside, at every change, and the same as the state's `recording`. `recorder`: in a `peer` call the person whose browser is to
 * record `segment` while `status` is `starting` or `running`, and not otherwise; null: a server does.
 */
export interface RecordingStateMessage {
  readonly recording: string | null;
  readonly status: RecordingStage;
  readonly since: number;
  readonly recorder: string | null;
  readonly segment: number;
  /** Why: `consent_withdrawn`, `newcomer`, `call_over`, `recorder_gone`, …; null: it was asked for. */
  readonly reason: string | null;
}

/**
 * To the browser that records a `peer` call, every 1.5 s: go on. Without one for 5 s it stops by itself, reports `stopped`, and sends
 * what it has. The pieces go to `PUT /v1/visits/:id/recordings/:recording/segments/:segment/chunks/:index`, counted from 0, as
 * `application/octet-stream` with `Content-Digest: sha-256=:<base64>:` (RFC 9530), while it records and for 30 s after; a repeat does
 * nothing more.
 */
export interface RecordingLeaseMessage {
  readonly recording: string;
  readonly segment: number;
}

/** One recording as `recording.list` shows it: its manifest, as far as there is one. */
export interface RecordingItem extends Omit<RecordingFacts, "to" | "reason"> {
  readonly status: "recording" | "finishing" | "kept" | "expiring" | "expired";
  readonly to: number | null;
  /** Why it ended. */
  readonly reason: string | null;
  /** For those who may read them, as long as they are kept. */
  readonly files: readonly RecordedFile[];
  /** What of it is missing, for operators; null: nothing. */
  readonly fault: string | null;
  readonly keptUntil: number | null;
  readonly sha256: string | null;
}
