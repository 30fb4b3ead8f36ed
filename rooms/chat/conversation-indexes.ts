import { isChatEvent } from "../../core/domain/conversation/events.ts";
import type { ConversationState } from "../../core/domain/conversation/state.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import type { Indexes } from "../actor/room-kind.ts";

/** Who belongs to the conversation and has read how far, where these events change it. */
export function conversationIndexes(events: readonly Recorded[], state: ConversationState): Indexes {
  const roles = new Map<string, string | null>();
  const cursors = new Map<string, number>();
  for (const { by, event } of events) {
    if (!isChatEvent(event)) continue;
    if (event.type === "chat.created") for (const { person, role } of event.members) roles.set(person, role);
    if (event.type === "chat.memberChanged") roles.set(event.person, event.role);
    if (event.type === "chat.read") cursors.set(by, state.cursors[by] ?? event.seq);
  }
  // Whoever comes back goes on from where they had read to.
  for (const [person, role] of roles) {
    const cursor = state.cursors[person];
    if (role !== null && cursor !== undefined) cursors.set(person, cursor);
  }
  return {
    members: [...roles].map(([person, role]) => ({ person, role })),
    cursors: [...cursors].map(([person, seq]) => ({ person, seq })),
  };
}
