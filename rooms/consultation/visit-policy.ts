import { isChatCommand } from "../../core/domain/conversation/commands.ts";
import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import type { ConsultationState } from "../../core/domain/kinds.ts";
import { can, isAction } from "../../core/domain/policy.ts";
import { hasRole, type Principal } from "../../core/domain/principal.ts";
import { isInside, participantOf } from "../../core/domain/visit/state.ts";
import { authoriseConversation } from "../chat/conversation-policy.ts";

/** Whether this person may do this in this consultation, now. Outsiders are not told that it exists. */
export function authoriseConsultation(
  state: ConsultationState,
  command: Command,
  by: Principal,
): Rejection | null {
  if (isChatCommand(command)) return authoriseChat(state, command, by);
  return authoriseVisit(state, command.name, by);
}

/** The same question for what is not a command: entering, reading. */
export function authoriseVisit(
  { visit }: ConsultationState,
  action: string,
  by: Principal,
): Rejection | null {
  const participant = participantOf(visit, by.id);
  const visitRole = participant && participant.admission !== "removed" ? participant.role : null;
  const resource = { org: by.org, visitRole, inside: isInside(visit, by.id) };
  if (isAction(action) && can(by, action, resource)) return null;
  const known = visitRole !== null || hasRole(by, "clinician", "desk", "admin", "integrator", "system");
  return rejection(known && visit.created ? "forbidden" : "room_not_found");
}

/** Who talks here follows from who is let in; and what is written stays as it was once the visit has ended. */
function authoriseChat(
  { visit, conversation }: ConsultationState,
  command: Command,
  by: Principal,
): Rejection | null {
  if (command.name === "chat.create" || command.name === "chat.member") return rejection("forbidden");
  const refusal = authoriseConversation(conversation, command, by);
  if (refusal) return refusal;
  return visit.phase === "ended" && command.name !== "chat.read" ? rejection("visit_ended") : null;
}
