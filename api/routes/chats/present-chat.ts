import type { ChatSummary } from "../../../core/protocol/rest.ts";

/** A chat as lists show it, and nothing else of what was read with it. */
export function presentChat({ id, title, role, members, unread, last }: ChatSummary): ChatSummary {
  return { id, title, role, members, unread: Math.min(unread, 99), last };
}
