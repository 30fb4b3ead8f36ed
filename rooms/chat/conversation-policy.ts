import { isChatCommand } from "../../core/domain/conversation/commands.ts";
import { factsOf } from "../../core/domain/conversation/decide.ts";
import { type ConversationState, memberOf } from "../../core/domain/conversation/state.ts";
import { type Rejection, rejection } from "../../core/domain/errors.ts";
import type { Command } from "../../core/domain/feature.ts";
import { type Action, can } from "../../core/domain/policy.ts";
import { hasRole, type Principal } from "../../core/domain/principal.ts";

/** Whether this person may do this here. Whoever is not a member is not told that the room exists. */
export function authoriseConversation(
  state: ConversationState,
  command: Command,
  by: Principal,
): Rejection | null {
  if (!isChatCommand(command) || hasRole(by, "system")) return null;
  if (command.name === "chat.create") {
    return can(by, "chat.create", { org: by.org }) ? null : rejection("forbidden");
  }
  const facts = "of" in command ? factsOf(state, command.of, command.target) : undefined;
  if ("of" in command && !facts) return authoriseMember(state, "chat.read", by);
  return authoriseMember(state, command.name, by, {
    author: facts?.author,
    ...(command.name === "chat.member" ? { person: command.person } : {}),
  });
}

/** The same question for what is not a command: joining, resuming, typing. */
export function authoriseMember(
  state: ConversationState,
  action: Action,
  by: Principal,
  on: { readonly author?: string | undefined; readonly person?: string } = {},
): Rejection | null {
  const membership = memberOf(state, by.id)?.role;
  if (!membership) return rejection("room_not_found");
  return can(by, action, { org: by.org, membership, ...on }) ? null : rejection("forbidden");
}
