import { randomUUID } from "node:crypto";
import { DomainError, type ErrorCode } from "../../../core/domain/errors.ts";
import { networkOf } from "../../../core/platform/identity/throttle.ts";
import { commandReply } from "../../../core/protocol/rest.ts";
import {
  invitationAccepted,
  invitationParams,
  acceptInvitation as request,
} from "../../../core/protocol/rest-visits.ts";
import { openEndpoint } from "../../endpoint.ts";
import { originOf } from "../auth/origin.ts";
import { refuseForeignPages, tokenReplyOf } from "../auth/refresh-cookie.ts";
import { acceptanceId, guestOf, readCode } from "./invitation-code.ts";

/** How long guests stay signed in after the visit's planned start, or after they accepted if that is later. */
const guestMs = 24 * 3_600_000;
/** What whoever shows a code may be told. Anything else says no more than that it is not valid. */
const told = [
  "invitation_expired",
  "invitation_used",
  "visit_locked",
  "visit_ended",
  "member_limit",
  "command_conflict",
  "rate_limited",
  "busy",
  "room_closed",
  "unavailable",
] as const satisfies readonly ErrorCode[];

export const acceptInvitation = openEndpoint({
  id: "acceptInvitation",
  method: "post",
  path: "/v1/invitations/:code/accept",
  tag: "visits",
  summary: "Come as a guest by an invitation",
  description:
    "Gives tokens as a sign-in does, for a guest of that one visit. A code is good for one guest: with `id`, " +
    "the same request again gives further tokens of the same guest. Tries are throttled.",
  input: { params: invitationParams, body: request },
  reply: invitationAccepted,
  errors: ["invitation_invalid", ...told, "csrf_rejected"],
  handle: async ({ params: { code }, body: { id = randomUUID(), name, keep } }, context) => {
    const { identity, rooms, listings, incoming, invitationRate } = context;
    invitationRate.take(networkOf(incoming.address));
    if (keep === "cookie") refuseForeignPages(context);
    const shown = readCode(code);
    const ref = { kind: "consultation", id: shown?.visit ?? "" } as const;
    const org = shown && (await rooms.org(ref));
    const listed = org && (await listings.find(org, ref));
    if (!shown || !org || !listed) throw new DomainError("invitation_invalid");
    const { visit, invitation, hash } = shown;
    const guest = guestOf(visit, invitation);
    const payload = { id: acceptanceId(code, id), invitation, hash, guest, guestName: name };
    const accepted = await rooms
      .system(org, ref, "visit.accept", payload)
      .then(commandReply.parse, sayLittle);
    const expiresAt = Math.max(accepted.at, listed.at) + guestMs;
    const signedIn = await identity.guests.open({ id: guest, org, name, expiresAt }, originOf(incoming));
    return { ...tokenReplyOf(context, signedIn, keep), visit, guest };
  },
});

function sayLittle(error: unknown): never {
  if (!(error instanceof DomainError)) throw error;
  const says = told.some((code) => code === error.code);
  throw says ? error : new DomainError("invitation_invalid", undefined, { cause: error });
}
