import type { Recorded } from "../feature.ts";
import { type ChatEvent, isDelivered } from "./events.ts";
import { type ConversationState, type Member, type MessageFacts, recentLimit } from "./state.ts";

/** Folds one recorded event into the conversation. Total: an event of the journal is always applicable. */
export function evolveChat(state: ConversationState, recorded: Recorded<ChatEvent>): ConversationState {
  const next = apply(state, recorded);
  return isDelivered(recorded.event) ? { ...next, lastSeq: recorded.seq } : next;
}

function apply(state: ConversationState, { seq, by, event }: Recorded<ChatEvent>): ConversationState {
  switch (event.type) {
    case "chat.created": {
      const members: Record<string, Member> = {};
      for (const { person, name, role } of event.members) members[person] = { name, role };
      return { ...state, created: true, title: event.title, subject: event.subject, members };
    }
    case "chat.message":
      return {
        ...state,
        lastMessage: seq,
        recent: touch(state.recent, { seq, author: by, deleted: false }),
      };
    case "chat.deleted":
      return { ...state, recent: markDeleted(state.recent, event.of) };
    case "chat.edited":
    case "chat.reacted":
      return state;
    case "chat.memberChanged": {
      const { [event.person]: _left, ...others } = state.members;
      if (event.role === null) return { ...state, members: others };
      return { ...state, members: { ...others, [event.person]: { name: event.name, role: event.role } } };
    }
    case "chat.read":
      return { ...state, cursors: { ...state.cursors, [by]: Math.max(event.seq, state.cursors[by] ?? 0) } };
  }
}

function touch(recent: readonly MessageFacts[], facts: MessageFacts): readonly MessageFacts[] {
  const next = recent.length < recentLimit ? recent.slice() : recent.slice(1 - recentLimit);
  next.push(facts);
  return next;
}

/** A deletion counts as a touch, so that it outlives the journal look-ups that were under way. */
function markDeleted(recent: readonly MessageFacts[], seq: number): readonly MessageFacts[] {
  const known = recent.find((facts) => facts.seq === seq);
  return touch(
    recent.filter((facts) => facts.seq !== seq),
    { seq, author: known?.author ?? "", deleted: true },
  );
}
