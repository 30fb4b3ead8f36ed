import { z } from "zod";
import { backendNames } from "../../core/domain/call/state.ts";
import { type RecordingState, recordingStages } from "../../core/domain/recording/state.ts";

const time = z.number();
const maybe = time.nullable();
const backend = z.enum(backendNames);
const named = z.object({ person: z.string(), name: z.string() });
const presence = z.array(z.object({ person: z.string(), from: time, to: maybe }));
const text = z.object({ version: z.number(), language: z.string() }).optional();
const consents = z.array(z.object({ person: z.string(), givenAt: time, withdrawnAt: maybe, text }));

const recording = {
  id: z.string(),
  startedBy: z.string(),
  startedAt: time,
  askedBy: z.string(),
  keepMs: z.number(),
  segments: z.array(
    z.object({
      segment: z.number(),
      n: z.number(),
      backend,
      place: z.string().nullable(),
      recorder: z.string().nullable(),
      askedAt: time,
      from: maybe,
      to: maybe,
      reason: z.string().nullable(),
    }),
  ),
  presence,
  consents,
};

const admission = z.discriminatedUnion("name", [
  z.object({ name: z.literal("visit.admit"), id: z.string(), by: named, participant: z.string() }),
  z.object({ name: z.literal("visit.transfer"), id: z.string(), by: named, to: named }),
]);

const file = z.object({
  name: z.string(),
  person: z.string().nullable(),
  mime: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  durationMs: z.number(),
  from: time,
  to: time,
});

const manifest = z.object({
  recording: z.string(),
  startedBy: z.string(),
  from: time,
  to: time,
  reason: z.string(),
  intervals: z.array(z.object({ segment: z.number(), backend, from: time, to: time })),
  gaps: z.array(z.object({ reason: z.string(), from: time, to: time })),
  participants: presence,
  consents,
  files: z.array(file),
  fault: z.string().nullable(),
  keptUntil: time,
  sha256: z.string(),
});

/** The recordings of a visit as a snapshot keeps them. */
export const recordingSnapshot: z.ZodType<RecordingState> = z.object({
  stage: z.enum(recordingStages),
  current: z.object(recording).nullable(),
  since: time,
  reason: z.string().nullable(),
  halting: z.array(z.object({ segment: z.number(), since: time })),
  admissions: z.array(admission),
  recordable: z.array(backend),
  failures: z.number(),
  retryAt: maybe,
  emptySince: maybe,
  finishing: z.array(z.object({ ...recording, endedAt: time, reason: z.string(), waitsUntil: maybe })),
  sealed: z.array(z.object({ manifest, fate: z.enum(["kept", "expiring", "expired"]) })),
});
