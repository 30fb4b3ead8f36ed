import type { MessageView } from "../../../core/domain/conversation/view.ts";
import type { MessagesPage } from "../../../core/protocol/rest.ts";

/** A message as it is answered. */
export function presentMessage({ reactions, ...view }: MessageView): MessagesPage["items"][number] {
  const copied = Object.entries(reactions).map(([emoji, people]): [string, string[]] => [emoji, [...people]]);
  return { ...view, reactions: Object.fromEntries(copied) };
}
