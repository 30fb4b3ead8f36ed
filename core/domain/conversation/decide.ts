import { type Rejection, rejection } from "../errors.ts";
import { accept, type Decision, refuse } from "../feature.ts";
import type { Principal } from "../principal.ts";
import { bodyFault } from "./body.ts";
import type {
  ChangeMember,
  ChatCommand,
  CreateChat,
  DeleteMessage,
  EditMessage,
  ReactToMessage,
  ReadUpTo,
  SendMessage,
} from "./commands.ts";
import type { ChatEvent } from "./events.ts";
import { type ConversationState, type MessageFacts, memberLimit, memberOf, recentFacts } from "./state.ts";

/**
 * What a command does to a conversation. Who may issue it was settled by the policy before; what is
 * checked here depends on the conversation itself.
 */
export function decideChat(
  state: ConversationState,
  command: ChatCommand,
  by: Principal,
): Decision<ChatEvent> {
  if (command.name === "chat.create") return create(state, command);
  if (!state.created) return refuse(rejection("room_not_found"));
  switch (command.name) {
    case "chat.send":
      return send(state, command);
    case "chat.edit":
      return edit(state, command);
    case "chat.delete":
      return remove(state, command);
    case "chat.react":
      return react(state, command);
    case "chat.member":
      return changeMember(state, command);
    case "chat.read":
      return read(state, command, by);
  }
}

function create(state: ConversationState, command: CreateChat): Decision<ChatEvent> {
  if (state.created) return refuse(rejection("already_exists"));
  if (command.members.length > memberLimit) return refuse(rejection("member_limit"));
  if (!command.members.some((member) => member.role === "admin")) return refuse(rejection("last_admin"));
  const { title, subject, members } = command;
  return accept({ type: "chat.created", title, subject, members });
}

function send(state: ConversationState, command: SendMessage): Decision<ChatEvent> {
  const { id, body, replyTo, attachments = [], files = [] } = command;
  const fault = attachments.length > 0 && body === "" ? null : bodyFault(body);
  if (fault) return refuse(fault);
  if (files.length !== attachments.length) return refuse(rejection("file_not_found"));
  if (files.some(({ state: stands }) => stands === "rejected")) return refuse(rejection("file_rejected"));
  if (files.some(({ state: stands }) => stands === "awaiting")) return refuse(rejection("file_incomplete"));
  const carried = files.map(({ id: file, name, type, bytes }) => ({ id: file, name, type, bytes }));
  const message = {
    type: "chat.message",
    id,
    body,
    ...(files.length > 0 && { attachments: carried }),
  } as const;
  if (replyTo === undefined) return accept(message);
  const unusable = targetFault(state, replyTo, command.target ?? null);
  return unusable ? refuse(unusable) : accept({ ...message, replyTo });
}

function edit(state: ConversationState, command: EditMessage): Decision<ChatEvent> {
  const { id, of, body, target } = command;
  const fault = targetFault(state, of, target) ?? bodyFault(body);
  if (fault) return refuse(fault);
  return accept({ type: "chat.edited", id, of, body });
}

function remove(state: ConversationState, command: DeleteMessage): Decision<ChatEvent> {
  const { id, of, target } = command;
  const fault = targetFault(state, of, target);
  return fault ? refuse(fault) : accept({ type: "chat.deleted", id, of });
}

function react(state: ConversationState, command: ReactToMessage): Decision<ChatEvent> {
  const { id, of, emoji, on, target } = command;
  const fault = targetFault(state, of, target);
  return fault ? refuse(fault) : accept({ type: "chat.reacted", id, of, emoji, on });
}

function changeMember(state: ConversationState, command: ChangeMember): Decision<ChatEvent> {
  const { id, person, role, personName } = command;
  const before = memberOf(state, person);
  const name = personName ?? before?.name;
  if (name === undefined || (role === null && !before)) return refuse(rejection("person_not_found"));
  if (before?.role === role) return accept();
  if (before?.role === "admin" && adminCount(state) === 1) return refuse(rejection("last_admin"));
  if (!before && Object.keys(state.members).length >= memberLimit) return refuse(rejection("member_limit"));
  return accept({ type: "chat.memberChanged", id, person, name, role });
}

function read(state: ConversationState, command: ReadUpTo, by: Principal): Decision<ChatEvent> {
  if (command.seq > state.lastSeq) return refuse(rejection("seq_out_of_range"));
  const seq = Math.min(command.seq, state.lastMessage);
  return seq > (state.cursors[by.id] ?? 0) ? accept({ type: "chat.read", seq }) : accept();
}

/** The state's own knowledge wins: it also counts what is decided but not yet looked up. */
export function factsOf(
  state: ConversationState,
  seq: number,
  target: MessageFacts | null,
): MessageFacts | undefined {
  return recentFacts(state, seq) ?? target ?? undefined;
}

function targetFault(state: ConversationState, seq: number, target: MessageFacts | null): Rejection | null {
  const facts = factsOf(state, seq, target);
  if (!facts) return rejection("message_not_found");
  return facts.deleted ? rejection("message_deleted") : null;
}

function adminCount(state: ConversationState): number {
  return Object.values(state.members).filter((member) => member.role === "admin").length;
}
