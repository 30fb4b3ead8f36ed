import { z } from "zod";
import { backendNames, type CallState, initialCall } from "../../core/domain/call/state.ts";
import { consentKinds } from "../../core/domain/consent/consent.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { initialRecording } from "../../core/domain/recording/state.ts";
import { roomKinds } from "../../core/domain/room.ts";
import { guestRoles, mediaKinds, visitOutcomes, visitRoles } from "../../core/domain/visit/state.ts";
import { conversationSnapshot } from "../chat/conversation-snapshot.ts";
import { recordingSnapshot } from "./recording-snapshot.ts";

const time = z.number();
const maybe = time.nullable();
const named = z.object({ person: z.string(), name: z.string() });

const participant = z.object({
  name: z.string(),
  role: z.enum(visitRoles),
  admission: z.enum(["expected", "knocking", "admitted", "removed"]),
  presentSince: maybe,
  media: z.enum(mediaKinds),
  invitation: z.string().nullable(),
});

const invitation = z.object({
  role: z.enum(guestRoles),
  label: z.string(),
  hash: z.string(),
  expiresAt: time,
  status: z.enum(["open", "accepted", "revoked", "expired"]),
  by: z.string(),
  guest: z.string().nullable(),
});

const origin = z.object({
  queue: z.object({ kind: z.enum(roomKinds), id: z.string() }),
  visit: z.string(),
  entry: z.string(),
  transfer: z.string(),
});

const visit = z.object({
  created: z.boolean(),
  patient: named,
  clinician: named.nullable(),
  reason: z.string(),
  origin: origin.nullable(),
  schedule: z.object({ at: time, minutes: z.number() }).nullable(),
  phase: z.enum(["scheduled", "waiting", "in_progress", "ended"]),
  outcome: z.enum(visitOutcomes).nullable(),
  createdAt: time,
  arrivedAt: maybe,
  startedAt: maybe,
  endedAt: maybe,
  entered: z.boolean(),
  locked: z.boolean(),
  held: z.boolean(),
  participants: z.record(z.string(), participant),
  invitations: z.record(z.string(), invitation),
  mediaLog: z.array(z.object({ person: z.string(), media: z.enum(mediaKinds), at: time })),
  notes: z.array(z.object({ body: z.string(), at: time, by: named, shared: z.boolean() })),
  survey: z.object({ rating: z.number(), comment: z.string(), at: time }).nullable(),
  declined: z.array(z.string()),
  arrived: z.array(z.string()),
  messages: z.array(z.object({ what: z.enum(["used", "served"]), origin, ms: maybe })),
  emptySince: maybe,
});

const capabilities = { backends: z.array(z.enum(backendNames)), audio: z.boolean(), video: z.boolean() };
const session = z.object({ n: z.number(), backend: z.enum(backendNames), place: z.string().nullable() });

const call: z.ZodType<CallState> = z.object({
  stage: z.enum(["none", "opening", "open", "unavailable"]),
  session: session.nullable(),
  reason: z.string().nullable(),
  since: time,
  people: z.record(
    z.string(),
    z.object({ ...capabilities, since: time, polite: z.boolean(), lostAt: maybe }),
  ),
  order: z.array(z.enum(backendNames)),
  failed: z.array(z.enum(backendNames)),
  failures: z.number(),
  retryAt: maybe,
  troubled: z.array(z.string()).default([]),
  closing: z.array(session),
  sessions: z.array(z.object({ n: z.number(), backend: z.enum(backendNames), from: time, to: maybe })),
  gaps: z.array(z.object({ reason: z.string(), from: time, to: maybe })),
});

const consent = z.object({
  person: z.string(),
  name: z.string(),
  what: z.enum(consentKinds),
  givenAt: time,
  withdrawnAt: maybe,
  text: z.object({ version: z.number(), language: z.string() }).optional(),
});

/** A consultation as a snapshot keeps it. */
export const consultationSnapshot: z.ZodType<ConsultationState> = z.object({
  visit,
  // There are snapshots from before there were calls.
  call: call.default(initialCall),
  consent: z.object({ consents: z.record(z.string(), consent) }),
  // And from before there were recordings.
  recording: recordingSnapshot.default(initialRecording),
  conversation: conversationSnapshot,
});
