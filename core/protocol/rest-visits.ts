import { z } from "zod";
import { backendNames } from "../domain/call/state.ts";
import { roomIdPattern } from "../domain/room.ts";
import { mediaKinds, visitOutcomes, visitRoles } from "../domain/visit/state.ts";
import { commandId, personId, seq } from "./conversation.ts";
import { listQuery, tokenReply, visitItem } from "./rest.ts";
import { at, digits } from "./rest-parts.ts";
import { type VisitSummary, visitRequests } from "./visit.ts";

const whenGiven = { id: commandId.optional() } as const;
const roomId = z.string().regex(roomIdPattern);
const time = digits.pipe(z.int());
const who = z.object({ person: z.string(), name: z.string() });
const rating = z.int();

/** `id` makes a repeated request safe; the server makes one otherwise. Without `at` it is not scheduled. */
export const createVisit = visitRequests["visit.create"].extend(whenGiven);
export const visitCreated = z.object({ id: z.string(), seq, at });
export const rescheduleVisit = visitRequests["visit.reschedule"].omit({ expected: true }).extend(whenGiven);
export const cancelVisit = visitRequests["visit.cancel"].extend(whenGiven);

export const visitParams = z.object({ id: roomId });
/** `from`, `to`: visits from this moment on and before that. */
export const visitsQuery = listQuery.extend({
  from: time.default(0),
  to: time.default(Number.MAX_SAFE_INTEGER),
  clinician: personId.optional(),
  patient: personId.optional(),
});

/** What somebody agreed to: a version of the organisation's text. */
const agreedText = z.object({ version: z.int(), language: z.string() });

export const visitSummary = z.object({
  phase: visitItem.shape.phase,
  outcome: z.enum(visitOutcomes).nullable(),
  patient: who,
  clinician: who.nullable(),
  reason: z.string(),
  schedule: z.object({ at, minutes: z.int() }).nullable(),
  arrivedAt: at.nullable(),
  startedAt: at.nullable(),
  endedAt: at.nullable(),
  participants: z.array(
    who.extend({
      role: z.enum(visitRoles),
      admission: z.enum(["expected", "knocking", "admitted", "removed"]),
    }),
  ),
  /** What the others received of whom, from when on. */
  media: z.array(z.object({ person: z.string(), media: z.enum(mediaKinds), at })),
  /** What carried the call from when to when; `to` is null while it does. */
  calls: z.array(z.object({ n: z.int(), backend: z.enum(backendNames), from: at, to: at.nullable() })),
  /** When people were in the call and nothing carried it, and why. */
  callGaps: z.array(z.object({ reason: z.string(), from: at, to: at.nullable() })),
  consents: z.array(
    who.extend({
      what: z.string(),
      givenAt: at,
      withdrawnAt: at.nullable(),
      /** The version that was shown; left out: the page's own words. */
      text: agreedText.optional(),
    }),
  ),
  /** Those that are not shared come to staff alone. */
  notes: z.array(z.object({ body: z.string(), by: z.string(), at, shared: z.boolean() })),
  /** Whether anything was written in the visit's conversation. */
  hasMessages: z.boolean(),
  survey: z.object({ rating, comment: z.string(), at }).nullable(),
}) satisfies z.ZodType<VisitSummary>;

export const inviteToVisit = visitRequests["visit.invite"].extend(whenGiven);
/** `code` opens the visit once, to whoever has it, and cannot be had again. `url`: where to use it. */
export const invitationMade = z.object({ invitation: z.string(), code: z.string(), url: z.url() });
export const visitInvitationParams = visitParams.extend({
  invitation: visitRequests["visit.revoke"].shape.invitation,
});

/** What is not of a code's form is an invitation like any other that is not valid. */
export const invitationParams = z.object({ code: z.string() });
/** `name`: how the others are to see the guest. `keep`: as in a sign-in. */
export const acceptInvitation = z.strictObject({
  ...whenGiven,
  name: visitRequests["visit.accept"].shape.guestName,
  keep: z.enum(["json", "cookie"]).default("json"),
});
/** As a sign-in; `guest` is whom the tokens stand for, `visit` the consultation to join. */
export const invitationAccepted = tokenReply.extend({ visit: roomId, guest: personId });
