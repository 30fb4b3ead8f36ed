import type { DomainEvent } from "../feature.ts";
import type { AttachedFile } from "../file/file.ts";
import type { MemberRole } from "./state.ts";

export interface NewMember {
  readonly person: string;
  readonly name: string;
  readonly role: MemberRole;
}

export interface ChatCreated extends DomainEvent {
  readonly type: "chat.created";
  readonly title: string;
  readonly subject: string | null;
  readonly members: readonly NewMember[];
}

export interface ChatMessage extends DomainEvent {
  readonly type: "chat.message";
  /** The id of the command that sent it. */
  readonly id: string;
  /** Empty only where there are attachments. */
  readonly body: string;
  readonly replyTo?: number;
  readonly attachments?: readonly AttachedFile[];
}

export interface ChatEdited extends DomainEvent {
  readonly type: "chat.edited";
  readonly id: string;
  readonly of: number;
  readonly body: string;
}

export interface ChatDeleted extends DomainEvent {
  readonly type: "chat.deleted";
  readonly id: string;
  readonly of: number;
}

export interface ChatReacted extends DomainEvent {
  readonly type: "chat.reacted";
  readonly id: string;
  readonly of: number;
  readonly emoji: string;
  readonly on: boolean;
}

export interface ChatMemberChanged extends DomainEvent {
  readonly type: "chat.memberChanged";
  readonly id: string;
  readonly person: string;
  readonly name: string;
  /** null: the person left or was removed. */
  readonly role: MemberRole | null;
}

/** A moved cursor: journaled and shown as state, never delivered as an event. */
export interface ChatRead extends DomainEvent {
  readonly type: "chat.read";
  readonly seq: number;
}

export type ChatEvent =
  | ChatCreated
  | ChatMessage
  | ChatEdited
  | ChatDeleted
  | ChatReacted
  | ChatMemberChanged
  | ChatRead;

/** The events that members receive, in seq order, each knowing the one before. */
export const deliveredTypes = [
  "chat.message",
  "chat.edited",
  "chat.deleted",
  "chat.reacted",
  "chat.memberChanged",
] as const;
export type DeliveredEvent = Exclude<ChatEvent, ChatCreated | ChatRead>;

export function isChatEvent(event: DomainEvent): event is ChatEvent {
  return event.type.startsWith("chat.");
}

export function isDelivered(event: DomainEvent): event is DeliveredEvent {
  return deliveredTypes.some((type) => type === event.type);
}

/** The message an event amends, if it does. */
export function amends(event: DomainEvent): number | null {
  if (!isChatEvent(event)) return null;
  return event.type === "chat.edited" || event.type === "chat.deleted" || event.type === "chat.reacted"
    ? event.of
    : null;
}
