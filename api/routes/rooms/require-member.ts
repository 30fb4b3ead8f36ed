import type { MemberRole } from "../../../core/domain/conversation/state.ts";
import { DomainError } from "../../../core/domain/errors.ts";
import { can } from "../../../core/domain/policy.ts";
import type { Principal } from "../../../core/domain/principal.ts";
import type { RoomRef } from "../../../core/domain/room.ts";
import type { ConversationReader } from "../../ports.ts";

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
