import type { ConversationState } from "../../core/domain/conversation/state.ts";
import { chatBehaviour } from "../../core/domain/kinds.ts";
import type { RoomKind } from "../actor/room-kind.ts";
import { type ConversationLookups, conversationGuards } from "./conversation-guards.ts";
import { conversationIndexes } from "./conversation-indexes.ts";
import { authoriseConversation } from "./conversation-policy.ts";
import { conversationSnapshot } from "./conversation-snapshot.ts";

/** The chat: a room that is one conversation and nothing else. */
export function createChatKind(lookups: ConversationLookups): RoomKind<ConversationState> {
  return {
    name: "chat",
    behaviour: chatBehaviour,
    requests: conversationGuards(lookups),
    authorise: authoriseConversation,
    indexes: conversationIndexes,
    store: (root) => root,
    restore: (snapshot) => conversationSnapshot.parse(snapshot),
  };
}
