import type { ChatMemberChanged } from "../conversation/events.ts";
import { type Rejection, rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import type { Accept, AdmitParticipant, Invite, RemoveParticipant, Revoke } from "./commands.ts";
import type { VisitDecided } from "./events.ts";
import {
  type Invitation,
  invitationLimit,
  participantLimit,
  participantOf,
  type VisitRole,
  type VisitState,
} from "./state.ts";

type Decided = Decision<VisitDecided>;

export function knock(state: VisitState, by: Principal): Decided {
  const participant = participantOf(state, by.id);
  if (!participant || participant.admission === "removed") return refuse(rejection("room_not_found"));
  if (participant.admission !== "expected") return accept();
  if (state.locked) return refuse(rejection("visit_locked"));
  return accept({ type: "visit.knocked", person: by.id });
}

export function admitParticipant(state: VisitState, { id, participant: person }: AdmitParticipant): Decided {
  const participant = participantOf(state, person);
  if (!participant || participant.admission === "removed") return refuse(rejection("participant_not_found"));
  if (participant.admission === "admitted") return accept();
  const { name, role } = participant;
  return accept<VisitDecided>(
    { type: "visit.admitted", person, name, role },
    ...joinsChat(state, id, person, name, role),
  );
}

export function removeParticipant(
  state: VisitState,
  { id, participant: person }: RemoveParticipant,
): Decided {
  const participant = participantOf(state, person);
  if (!participant) return refuse(rejection("participant_not_found"));
  if (participant.admission === "removed") return accept();
  const kept = person === state.patient.person || person === state.clinician?.person;
  if (kept)
    return refuse(
      rejection("visit_phase", "The patient and the responsible clinician stay. End the visit instead."),
    );
  return accept(...removal(state, id, person));
}

function removal(state: VisitState, id: string, person: string): VisitDecided[] {
  const participant = participantOf(state, person);
  if (!participant || participant.admission === "removed") return [];
  const gone: VisitDecided = { type: "visit.removed", person };
  if (participant.admission !== "admitted") return [gone];
  return [gone, { type: "chat.memberChanged", id, person, name: participant.name, role: null }];
}

/** An observer reads; whoever else is inside writes. */
export function joinsChat(
  state: VisitState,
  id: string,
  person: string,
  name: string,
  role: VisitRole,
): ChatMemberChanged[] {
  const participant = participantOf(state, person);
  if (participant?.admission === "admitted" && participant.role === role) return [];
  const chatRole = role === "clinician" ? "admin" : role === "observer" ? "observer" : "member";
  return [{ type: "chat.memberChanged", id, person, name, role: chatRole }];
}

export function invite(state: VisitState, command: Invite, now: number): Decided {
  const { invitation, role, label, hash, lastsMs } = command;
  if (Object.hasOwn(state.invitations, invitation)) return accept();
  if (Object.keys(state.invitations).length >= invitationLimit) return refuse(rejection("member_limit"));
  return accept({ type: "visit.invited", invitation, role, label, hash, expiresAt: now + lastsMs });
}

/** Whoever came by it is removed with it. */
export function revoke(state: VisitState, { id, invitation }: Revoke): Decided {
  const known = state.invitations[invitation];
  if (!known) return refuse(rejection("invitation_invalid"));
  if (known.status === "revoked") return accept();
  const removed = known.guest === null ? [] : removal(state, id, known.guest);
  return accept({ type: "visit.revoked", invitation }, ...removed);
}

export function acceptInvitation(
  state: VisitState,
  { invitation, hash, guest, guestName }: Accept,
  now: number,
): Decided {
  const known = state.invitations[invitation];
  if (!known || known.hash !== hash) return refuse(rejection("invitation_invalid"));
  // Whoever has no valid code is not even told that the visit is over.
  const fault = invitationFault(known, now);
  if (fault) return refuse(fault);
  if (state.phase === "ended") return refuse(rejection("visit_ended"));
  if (state.locked) return refuse(rejection("visit_locked"));
  if (Object.keys(state.participants).length >= participantLimit) return refuse(rejection("member_limit"));
  return accept({ type: "visit.accepted", invitation, guest, name: guestName });
}

function invitationFault({ status, expiresAt }: Invitation, now: number): Rejection | null {
  if (status === "revoked") return rejection("invitation_invalid");
  if (status === "accepted") return rejection("invitation_used");
  return status === "expired" || expiresAt <= now ? rejection("invitation_expired") : null;
}
