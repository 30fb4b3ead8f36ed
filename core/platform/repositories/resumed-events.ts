import type { DeliveredEvent } from "../../domain/conversation/events.ts";
import type { Recorded } from "../../domain/feature.ts";
import type { ResumedEvent } from "../../protocol/events.ts";
import type { JournalEntry } from "../journal/codec.ts";

/**
 * Events in order as they are delivered late: each with the seq before it, and without a text that a later
 * amendment deleted or replaced. `prev` is the seq delivered before the first.
 */
export function resumed(
  events: readonly Recorded<DeliveredEvent>[],
  amendments: readonly JournalEntry[],
  prev: number,
): ResumedEvent[] {
  const deleted = new Set<number>();
  const lastEdit = new Map<number, number>();
  for (const { type, seq, amends } of amendments) {
    if (amends === null) continue;
    if (type === "chat.deleted") deleted.add(amends);
    if (type === "chat.edited") lastEdit.set(amends, seq);
  }
  const stands = (message: number, text: number): boolean =>
    !deleted.has(message) && (lastEdit.get(message) ?? message) === text;

  let before = prev;
  return events.map(({ seq, at, by, event }) => {
    const place = { seq, prev: before, from: by, at };
    before = seq;
    switch (event.type) {
      case "chat.message": {
        const { attachments, ...message } = event;
        const kept = attachments && !deleted.has(seq) ? { attachments } : {};
        return { ...message, ...kept, ...place, body: stands(seq, seq) ? event.body : null };
      }
      case "chat.edited":
        return { ...event, ...place, body: stands(event.of, seq) ? event.body : null };
      default:
        return { ...event, ...place };
    }
  });
}
