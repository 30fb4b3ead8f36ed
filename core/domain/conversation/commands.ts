import type { Command } from "../feature.ts";
import type { KnownFile } from "../file/file.ts";
import type { NewMember } from "./events.ts";
import type { MemberRole, MessageFacts } from "./state.ts";

/** `target` is what the journal knows of the message named by `of`; null when there is none. */
interface OnMessage extends Command {
  readonly id: string;
  readonly of: number;
  readonly target: MessageFacts | null;
}

export interface CreateChat extends Command {
  readonly name: "chat.create";
  readonly id: string;
  readonly title: string;
  readonly subject: string | null;
  readonly members: readonly NewMember[];
}

export interface SendMessage extends Command {
  readonly name: "chat.send";
  readonly id: string;
  readonly body: string;
  /** Ids of files. */
  readonly attachments?: readonly string[];
  /** What is known of those of them that this message may carry, in their order. */
  readonly files?: readonly KnownFile[];
  readonly replyTo?: number;
  /** Facts of the message replied to, when `replyTo` is given. */
  readonly target?: MessageFacts | null;
}

export interface EditMessage extends OnMessage {
  readonly name: "chat.edit";
  readonly body: string;
}

export interface DeleteMessage extends OnMessage {
  readonly name: "chat.delete";
}

export interface ReactToMessage extends OnMessage {
  readonly name: "chat.react";
  readonly emoji: string;
  readonly on: boolean;
}

export interface ChangeMember extends Command {
  readonly name: "chat.member";
  readonly id: string;
  readonly person: string;
  readonly role: MemberRole | null;
  /** The person's display name in the directory; null when the organisation has no such person. */
  readonly personName: string | null;
}

export interface ReadUpTo extends Command {
  readonly name: "chat.read";
  readonly id: null;
  readonly seq: number;
}

export type ChatCommand =
  | CreateChat
  | SendMessage
  | EditMessage
  | DeleteMessage
  | ReactToMessage
  | ChangeMember
  | ReadUpTo;

const names: readonly string[] = [
  "chat.create",
  "chat.send",
  "chat.edit",
  "chat.delete",
  "chat.react",
  "chat.member",
  "chat.read",
] satisfies ChatCommand["name"][];

export function isChatCommand(command: Command): command is ChatCommand {
  return names.includes(command.name);
}
