import { z } from "zod";
import { backendNames } from "../domain/call/state.ts";
import type { RecordedFile } from "../domain/recording/manifest.ts";
import { chunkLimit, fileName, type RecordingItem, recordingId, segmentNumber } from "./recording.ts";
import { at, digits } from "./rest-parts.ts";
import { visitParams } from "./rest-visits.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `person`: whose; null: everyone's together. */
export const recordedFile = z.object({
  name: fileName,
  person: z.string().nullable(),
  mime: z.string(),
  bytes: z.int(),
  sha256,
  durationMs: z.number(),
  from: at,
  to: at,
}) satisfies z.ZodType<RecordedFile>;

export const recordingItem = z.object({
  recording: z.string(),
  status: z.enum(["recording", "finishing", "kept", "expiring", "expired"]),
  startedBy: z.string(),
  from: at,
  to: at.nullable(),
  /** Why it ended. */
  reason: z.string().nullable(),
  /** When a recorder ran, and when none did and why. */
  intervals: z.array(z.object({ segment: z.int(), backend: z.enum(backendNames), from: at, to: at })),
  gaps: z.array(z.object({ reason: z.string(), from: at, to: at })),
  /** Who was there, from when to when. */
  participants: z.array(z.object({ person: z.string(), from: at, to: at.nullable() })),
  consents: z.array(
    z.object({
      person: z.string(),
      givenAt: at,
      withdrawnAt: at.nullable(),
      text: z.object({ version: z.int(), language: z.string() }).optional(),
    }),
  ),
  /** For those who may read them. */
  files: z.array(recordedFile),
  fault: z.string().nullable(),
  keptUntil: at.nullable(),
  /** The checksum of what the room has sealed: facts, files and fault. */
  sha256: z.string().nullable(),
}) satisfies z.ZodType<RecordingItem>;
export const recordings = z.object({ items: z.array(recordingItem) });

export const recordingFileParams = visitParams.extend({ recording: recordingId, name: fileName });
export const chunkParams = visitParams.extend({
  recording: recordingId,
  segment: digits.pipe(segmentNumber),
  index: digits.pipe(
    z
      .int()
      .min(0)
      .max(chunkLimit - 1),
  ),
});
/** What the room says of a segment whose pieces it takes. */
export const uploadGranted = z.object({ from: at });
