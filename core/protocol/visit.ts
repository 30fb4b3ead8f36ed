import { z } from "zod";
import type { BackendName } from "../domain/call/state.ts";
import { consentKinds, type ShownText } from "../domain/consent/consent.ts";
import { roomIdPattern, roomKinds } from "../domain/room.ts";
import {
  type Admission,
  endOutcomes,
  guestRoles,
  longestInvitationMs,
  mediaKinds,
  type VisitOutcome,
  type VisitPhase,
  type VisitRole,
} from "../domain/visit/state.ts";
import { commandId, expected, personId } from "./conversation.ts";
import { text } from "./queue.ts";

const roomId = z.string().regex(roomIdPattern, "1 to 32 small letters, digits or -");
const time = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const minutes = z.int().min(1).max(1_440);
const invitation = z.string().regex(/^[a-f0-9]{16}$/, "an invitation's id");
const transfer = z.string().min(1).max(64);
const origin = z.strictObject({ kind: z.enum(roomKinds), id: roomId });
const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^\P{Cc}*$/u, "no control characters");
const staffName = z.strictObject({ person: personId, name: z.string().max(400) });

/** A version of an organisation's text of consent. */
export const shownText = z.strictObject({
  version: z.int().min(1).max(1_000_000),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/)
    .max(35),
});

/** The payload of every request of a visit, but those of its conversation. Unknown fields are refused. */
export const visitRequests = {
  "visit.create": z.strictObject({
    id: commandId,
    patient: personId,
    clinician: personId.optional(),
    at: time.optional(),
    minutes: minutes.default(30),
    reason: text(2_000).default(""),
  }),
  "visit.reschedule": z.strictObject({ id: commandId, at: time, minutes, expected: expected.optional() }),
  "visit.cancel": z.strictObject({ id: commandId, reason: text(500).default("") }),
  "visit.knock": z.strictObject({ id: commandId }),
  "visit.admit": z.strictObject({ id: commandId, participant: personId }),
  "visit.remove": z.strictObject({ id: commandId, participant: personId }),
  "visit.lock": z.strictObject({ id: commandId, on: z.boolean() }),
  "visit.hold": z.strictObject({ id: commandId, on: z.boolean() }),
  "visit.invite": z.strictObject({
    id: commandId,
    role: z.enum(guestRoles),
    label: name.optional(),
    expiresInSeconds: z
      .int()
      .min(60)
      .max(longestInvitationMs / 1_000)
      .optional(),
  }),
  "visit.revoke": z.strictObject({ id: commandId, invitation }),
  "visit.transfer": z.strictObject({ id: commandId, to: personId }),
  "visit.note": z.strictObject({
    id: commandId,
    body: text(20_000).min(1),
    shared: z.boolean().default(false),
  }),
  "visit.start": z.strictObject({ id: commandId }),
  "visit.end": z.strictObject({ id: commandId, outcome: z.enum(endOutcomes) }),
  "visit.survey": z.strictObject({
    id: commandId,
    rating: z.int().min(1).max(5),
    comment: text(2_000).default(""),
  }),
  "visit.media": z.strictObject({ id: commandId, media: z.enum(mediaKinds) }),
  "consent.give": z.strictObject({
    id: commandId,
    what: z.enum(consentKinds),
    /** What was on the screen: a version of the organisation's text (`/v1/consent-texts`). */
    text: shownText.optional(),
  }),
  "consent.withdraw": z.strictObject({ id: commandId, what: z.enum(consentKinds) }),

  /** Reads. */
  "visit.summary": z.strictObject({}),

  /** From elsewhere in the engine, which alone may. */
  "visit.accept": z.strictObject({
    id: commandId,
    invitation,
    hash: z.string().max(100),
    guest: personId,
    guestName: name,
  }),
  "visit.arrive": z.strictObject({
    id: commandId,
    transfer,
    from: origin,
    visit: roomId,
    entry: z.string().max(64),
    patient: personId,
    patientName: z.string().max(400),
    reason: z.string().max(2_000),
    language: z.string().nullable(),
    needs: z.array(z.string()),
    by: staffName,
    clinician: staffName.nullable(),
  }),
  "visit.decline": z.strictObject({ id: commandId, from: origin, transfer }),
} as const;

export type VisitRequestName = keyof typeof visitRequests;
export type VisitPayload<N extends VisitRequestName> = z.input<(typeof visitRequests)[N]>;

/** What `visit.invite` answers beside `{ seq, at }`. The code is shown once and kept nowhere. */
export interface InviteReply {
  readonly seq: number;
  readonly at: number;
  readonly invitation: string;
  readonly code: string;
}

export const visitMessages = { you: "visit.you" } as const;

/** Tells each person where they themselves stand: whoever is at the door sees nothing else. */
export interface YouMessage {
  readonly role: VisitRole;
  readonly admission: Admission;
  readonly locked: boolean;
}

/** What `visit.summary` answers; staff alone get `notes` that are not shared. Times are ms since the epoch. */
export interface VisitSummary {
  readonly phase: VisitPhase;
  readonly outcome: VisitOutcome | null;
  readonly patient: { readonly person: string; readonly name: string };
  readonly clinician: { readonly person: string; readonly name: string } | null;
  readonly reason: string;
  readonly schedule: { readonly at: number; readonly minutes: number } | null;
  readonly arrivedAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly participants: readonly {
    readonly person: string;
    readonly name: string;
    readonly role: VisitRole;
    readonly admission: Admission;
  }[];
  readonly media: readonly { readonly person: string; readonly media: string; readonly at: number }[];
  /** What carried the call from when to when; `to` is null while it does. */
  readonly calls: readonly {
    readonly n: number;
    readonly backend: BackendName;
    readonly from: number;
    readonly to: number | null;
  }[];
  /** When people were in the call and nothing carried it, and why. */
  readonly callGaps: readonly {
    readonly reason: string;
    readonly from: number;
    readonly to: number | null;
  }[];
  readonly consents: readonly {
    readonly person: string;
    readonly name: string;
    readonly what: string;
    readonly givenAt: number;
    readonly withdrawnAt: number | null;
    readonly text?: ShownText | undefined;
  }[];
  readonly notes: readonly {
    readonly body: string;
    readonly by: string;
    readonly at: number;
    readonly shared: boolean;
  }[];
  /** Whether anything was written in the conversation. */
  readonly hasMessages: boolean;
  readonly survey: { readonly rating: number; readonly comment: string; readonly at: number } | null;
}
