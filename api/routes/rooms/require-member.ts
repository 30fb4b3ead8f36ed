import type { MemberRole } from "../../../core/domain/conversation/state.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { RoomRef } from "../../../core/domain/room.ts";
import type { ConversationReader } from "../../conversations-port.ts";
import type { Context } from "../../endpoint.ts";
import { inEmergency } from "./in-emergency.ts";

/** The principal's place in a conversation. To everyone else it is `room_not_found`, as if it were not there. */
export async function requireMember(
  conversations: ConversationReader,
  principal: Principal,
  ref: RoomRef,
): Promise<MemberRole> {
  const membership = await conversations.membership(principal.org, ref, principal.id);
  if (membership === null || !can(principal, "chat.resume", { org: principal.org, membership })) {
    throw new DomainError("room_not_found");
  }
  return membership;
}

/** Throws `room_not_found` for who may not read this conversation now. */
export async function requireReader(
  context: Pick<Context<Principal>, "principal" | "conversations" | "breakGlass" | "audit">,
  ref: RoomRef,
): Promise<void> {
  const { conversations, principal } = context;
  const { org, id } = principal;
  const membership = await conversations.membership(org, ref, id);
  if (can(principal, "chat.resume", { org, membership })) return;
  if (!(await inEmergency(context, "chat.resume", ref))) throw new DomainError("room_not_found");
}
