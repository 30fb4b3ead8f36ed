import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageView } from "../../../../../core/domain/conversation/view.ts";
import { rejection } from "../../../../../core/domain/errors.ts";
import type { ChatSnapshot } from "../../../../sdk/types.ts";
import { type MessageRow, type Row, rowsOf } from "./rows.ts";

const noon = new Date("2026-03-10T12:00:00").getTime();
const minute = 60_000;

const message = (seq: number, from: string, at: number, more: Partial<MessageView> = {}): MessageView => ({
  seq,
  id: `id-${seq}`,
  from,
  at,
  body: `body ${seq}`,
  reactions: {},
  ...more,
});

const snapshot = (more: Partial<ChatSnapshot>): ChatSnapshot => ({
  id: "demo",
  title: "Demo",
  status: "live",
  reason: null,
  me: "me",
  myRole: "member",
  members: ["me", "ann", "ben"].map((person) => ({ person, name: person, role: "member", online: true })),
  messages: [],
  outbox: [],
  cursors: {},
  typing: [],
  lastSeq: 0,
  hasOlder: false,
  ...more,
});

const messagesOf = (rows: readonly Row[]): MessageRow[] => rows.filter((row) => row.kind === "message");

describe("rowsOf", () => {
  it("puts a separator before the first message of a day", () => {
    const rows = rowsOf(
      snapshot({ messages: [message(1, "ann", noon), message(2, "ann", noon + 24 * 60 * minute)] }),
      null,
    );
    expect(rows.map((row) => row.kind)).toEqual(["day", "message", "day", "message"]);
  });

  it("joins messages of one person that are close together", () => {
    const messages = [
      message(1, "ann", noon),
      message(2, "ann", noon + minute),
      message(3, "ann", noon + 20 * minute),
      message(4, "ben", noon + 20 * minute),
    ];
    const runs = messagesOf(rowsOf(snapshot({ messages }), null)).map(({ opens, closes }) => [opens, closes]);
    expect(runs).toEqual([
      [true, false],
      [false, true],
      [true, true],
      [true, true],
    ]);
  });

  it("draws the new-messages line once, above the first unread message of another", () => {
    const messages = [
      message(1, "ann", noon),
      message(2, "me", noon + 1),
      message(3, "ann", noon + 2),
      message(4, "ann", noon + 3),
    ];
    const kinds = (after: number | null) => rowsOf(snapshot({ messages }), after).map((row) => row.kind);
    expect(kinds(1)).toEqual(["day", "message", "message", "unread", "message", "message"]);
    expect(kinds(4)).not.toContain("unread");
    expect(kinds(null)).not.toContain("unread");
  });

  it("derives what became of my messages", () => {
    const rows = messagesOf(
      rowsOf(
        snapshot({
          status: "offline",
          messages: [message(1, "me", noon), message(2, "me", noon), message(3, "ann", noon)],
          cursors: { me: 3, ann: 1, gone: 3 },
          outbox: [
            { id: "out-1", body: "a", writtenAt: noon, status: "sending" },
            { id: "out-2", body: "b", writtenAt: noon, status: "refused", rejection: rejection("busy") },
          ],
        }),
        null,
      ),
    );
    expect(rows.map((row) => row.delivery)).toEqual([
      { state: "seen", by: ["ann"] },
      { state: "sent" },
      null,
      { state: "waiting" },
      { state: "refused", rejection: rejection("busy") },
    ]);
  });

  it("shows a message once, under one key, while it passes from the outbox to the history", () => {
    const outbox = [{ id: "id-7", body: "hello", writtenAt: noon, status: "sending" }] as const;
    const before = messagesOf(rowsOf(snapshot({ outbox }), null));
    const both = messagesOf(rowsOf(snapshot({ outbox, messages: [message(7, "me", noon)] }), null));
    expect(before.map((row) => row.key)).toEqual(["me/id-7"]);
    expect(both.map((row) => [row.key, row.seq])).toEqual([["me/id-7", 7]]);
  });

  it("finds what a reply answers, or says that it is not loaded", () => {
    const messages = [message(5, "ann", noon), message(6, "me", noon, { replyTo: 5 })];
    const outbox = [{ id: "o", body: "x", writtenAt: noon, status: "sending", replyTo: 2 }] as const;
    const [, reply, outgoing] = messagesOf(rowsOf(snapshot({ messages, outbox }), null));
    expect(reply?.quote?.message?.body).toBe("body 5");
    expect(outgoing?.quote).toEqual({ seq: 2, message: null });
  });

  it("gives every row its own key, though two people may use the same id", () => {
    const authors = fc.array(fc.constantFrom("me", "ann", "ben"), { maxLength: 30 });
    fc.assert(
      fc.property(authors, fc.nat(30), (people, unreadAfter) => {
        const messages = people.map((from, i) =>
          message(i + 1, from, noon + i * 7 * 60 * minute, {
            id: `id-${people.slice(0, i).filter((p) => p === from).length}`,
          }),
        );
        const rows = rowsOf(snapshot({ messages }), unreadAfter);
        expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
        expect(messagesOf(rows).map((row) => row.seq)).toEqual(messages.map(({ seq }) => seq));
      }),
    );
  });
});
