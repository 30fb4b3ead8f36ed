import type { Feature } from "../feature.ts";
import { type ChatCommand, isChatCommand } from "./commands.ts";
import { decideChat } from "./decide.ts";
import { type ChatEvent, isChatEvent } from "./events.ts";
import { evolveChat } from "./evolve.ts";
import { type ConversationState, initialConversation } from "./state.ts";

/** People writing to each other: messages, amendments, members, read cursors. It has no deadlines. */
export const conversation: Feature<ConversationState, ChatCommand, ChatEvent> = {
  name: "conversation",
  initial: initialConversation,
  ownsCommand: isChatCommand,
  ownsEvent: isChatEvent,
  decide: decideChat,
  evolve: evolveChat,
  due: () => null,
};
