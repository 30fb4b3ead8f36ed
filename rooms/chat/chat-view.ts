import type { Schema } from "@colyseus/schema";
import { isDelivered } from "../../core/domain/conversation/events.ts";
import type { ConversationState } from "../../core/domain/conversation/state.ts";
import { toDomainError } from "../../core/domain/errors.ts";
import type { Recorded } from "../../core/domain/feature.ts";
import { chatRequests } from "../../core/protocol/conversation.ts";
import type { WireEvent } from "../../core/protocol/events.ts";
import { parsePayload } from "../actor/request-guards.ts";
import type { TimerWheel } from "../actor/timer-wheel.ts";
import type { Urgency } from "../socket/patch-schedule.ts";
import { openRoom, type RoomView } from "../socket/room-view.ts";
import { ChatState, MemberState } from "../state/chat-state.ts";
import { authoriseMember } from "./conversation-policy.ts";

/** Whoever says nothing more stops typing by itself. */
const typingMs = 6_000;

/** The part of a schema that shows a conversation. */
type ConversationFields = Schema & Pick<ChatState, "title" | "lastSeq" | "members" | "cursors" | "typing">;

/**
 * A conversation as its members see it live. `changed` is called when the view changes by itself; `schema` is
 * that of the room which the conversation is a part of.
 */
export function createChatView(
  initial: ConversationState,
  wheel: TimerWheel,
  changed: (urgency: Urgency) => void,
  schema: ConversationFields = new ChatState(),
): RoomView<ConversationState> {
  const typists = new Map<string, () => void>();
  let shown: ConversationState | null = null;
  let prev = initial.lastSeq;

  const stopTyping = (person: string): boolean => {
    typists.get(person)?.();
    typists.delete(person);
    return schema.typing.delete(person);
  };

  const showMembers = ({ members }: ConversationState): void => {
    for (const person of [...schema.members.keys()]) if (!(person in members)) schema.members.delete(person);
    for (const [person, { name, role }] of Object.entries(members)) {
      const member = schema.members.get(person);
      if (!member) schema.members.set(person, new MemberState().assign({ name, role, online: false }));
      else member.assign({ name, role });
    }
  };

  const showCursors = ({ cursors, members }: ConversationState): void => {
    for (const person of [...schema.cursors.keys()]) if (!(person in members)) schema.cursors.delete(person);
    for (const [person, seq] of Object.entries(cursors)) {
      if (person in members && schema.cursors.get(person) !== seq) schema.cursors.set(person, seq);
    }
  };

  const show = (state: ConversationState): Urgency => {
    if (state === shown) return "none";
    const urgent = state.members !== shown?.members || state.title !== shown?.title;
    if (state.title !== shown?.title) schema.title = state.title;
    if (state.members !== shown?.members) showMembers(state);
    if (urgent || state.cursors !== shown?.cursors) showCursors(state);
    if (state.lastSeq !== shown?.lastSeq) schema.lastSeq = state.lastSeq;
    shown = state;
    return urgent ? "now" : "soon";
  };

  show(initial);

  return {
    ...openRoom,
    schema,
    show,
    admit: (state, by) => authoriseMember(state, "chat.join", by),
    present: (person, online) => {
      const member = schema.members.get(person);
      if (!online) stopTyping(person);
      if (!member || member.online === online) return "none";
      member.online = online;
      return "now";
    },
    deliver: (events) => {
      const delivered: WireEvent[] = [];
      for (const { seq, at, by, event } of events) {
        if (!isDelivered(event)) continue;
        delivered.push({ ...event, seq, prev, from: by, at });
        prev = seq;
        if (event.type === "chat.message" && stopTyping(by)) changed("soon");
      }
      return delivered;
    },
    affected: removed,
    ephemeral: (name, payload, by, state) => {
      if (name !== "chat.typing") return null;
      const { on } = parsePayload(chatRequests["chat.typing"], payload);
      const refusal = authoriseMember(state, "chat.typing", by);
      if (refusal) throw toDomainError(refusal);
      if (!on) return stopTyping(by.id) ? "soon" : "none";
      typists.get(by.id)?.();
      typists.set(
        by.id,
        wheel.after(typingMs, () => {
          if (stopTyping(by.id)) changed("soon");
        }),
      );
      if (schema.typing.get(by.id)) return "none";
      schema.typing.set(by.id, true);
      return "soon";
    },
  };
}

function removed(events: readonly Recorded[]): string[] {
  return events.flatMap(({ event }) =>
    isDelivered(event) && event.type === "chat.memberChanged" && event.role === null ? [event.person] : [],
  );
}
