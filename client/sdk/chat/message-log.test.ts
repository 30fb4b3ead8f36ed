import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldMessages, type MessageView } from "../../../core/domain/conversation/view.ts";
import type { WireEvent } from "../../../core/protocol/events.ts";
import { MessageLog } from "./message-log.ts";

const people = ["ann", "bob"];

/** Events as one server could have recorded them: amendments name a message that was there. */
const events = fc
  .array(fc.record({ kind: fc.nat(4), of: fc.nat(), who: fc.constantFrom(...people) }), { maxLength: 40 })
  .map((drafts) => drafts.reduce(record, []));

function record(before: WireEvent[], draft: { kind: number; of: number; who: string }): WireEvent[] {
  const seq = before.length + 1;
  const place = { seq, prev: seq - 1, at: seq, from: draft.who, id: `id-${seq}` };
  const messages = before.filter(({ type }) => type === "chat.message");
  const of = messages[draft.of % Math.max(1, messages.length)]?.seq;
  if (of === undefined || draft.kind === 0)
    return [...before, { ...place, type: "chat.message", body: `${seq}` }];
  if (draft.kind === 1) return [...before, { ...place, type: "chat.edited", of, body: `${seq}` }];
  if (draft.kind === 2) return [...before, { ...place, type: "chat.deleted", of }];
  return [...before, { ...place, type: "chat.reacted", of, emoji: "👍", on: draft.kind === 3 }];
}

function viewsOf(list: readonly WireEvent[]): MessageView[] {
  const recorded = list.map((event) => ({ seq: event.seq, at: event.at, by: event.from, event }));
  return [...foldMessages(new Map(), recorded).values()];
}

/** Who chose an emoji is a set here: folding a choice again may change its order. */
function unordered(views: readonly MessageView[]) {
  return views.map((view) => ({ ...view, reactions: (view.reactions["👍"] ?? []).toSorted() }));
}

describe("the message log", () => {
  test("reads as the server's history does, however pages and events overlap", () => {
    fc.assert(
      fc.property(events, fc.nat(), fc.nat(), fc.nat(5), (all, base, asked, size) => {
        const log = new MessageLog();
        const from = base % (all.length + 1);
        // The newest page was read some time after the first event that came over the socket.
        const readAt = from + (asked % (all.length + 1 - from));
        log.prepend(
          viewsOf(all.slice(0, readAt))
            .slice(-size - 1)
            .toReversed(),
        );
        for (const event of all.slice(from)) log.apply([event]);
        // Older pages are read before all of the events, and arrive after them.
        const { oldest } = log;
        const older = viewsOf(all.slice(0, readAt)).filter(({ seq }) => oldest !== null && seq < oldest);
        log.prepend(older.toReversed());
        const known = new Set(log.messages.map(({ seq }) => seq));
        expect(unordered(log.messages)).toEqual(unordered(viewsOf(all).filter(({ seq }) => known.has(seq))));
        expect(log.messages.map(({ seq }) => seq)).toEqual([...known].sort((a, b) => a - b));
      }),
    );
  });

  test("stays the same list until something changes", () => {
    const log = new MessageLog();
    const { messages } = log;
    expect(log.messages).toBe(messages);
    log.apply([{ type: "chat.message", id: "id-000001", body: "a", from: "ann", at: 1, seq: 1, prev: 0 }]);
    expect(log.messages).not.toBe(messages);
  });

  test("shows no text where there is none left", () => {
    const log = new MessageLog();
    log.apply([{ type: "chat.message", id: "id-000001", body: null, from: "ann", at: 1, seq: 1, prev: 0 }]);
    expect(log.messages[0]?.body).toBeNull();
  });
});
