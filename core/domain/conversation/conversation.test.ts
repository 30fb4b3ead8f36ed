import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conversationSnapshot } from "../../../rooms/chat/conversation-snapshot.ts";
import type { Recorded } from "../feature.ts";
import type { Principal } from "../principal.ts";
import type { ChatCommand } from "./commands.ts";
import { decideChat } from "./decide.ts";
import { type ChatEvent, isDelivered } from "./events.ts";
import { evolveChat } from "./evolve.ts";
import { type ConversationState, initialConversation, recentLimit, seenBy } from "./state.ts";
import { foldMessages } from "./view.ts";

const people = ["anna", "ben", "chie"] as const;

function principal(id: string): Principal {
  return { org: "clinic", id, name: id, roles: ["clinician"], session: id };
}

/** A conversation that is asked one command after another, as a room would. */
class Played {
  state: ConversationState = initialConversation;
  readonly journal: Recorded<ChatEvent>[] = [];

  ask(by: string, command: ChatCommand): string {
    const decision = decideChat(this.state, command, principal(by));
    if (!decision.ok) return decision.rejection.code;
    for (const event of decision.events) {
      const recorded = { seq: this.journal.length + 1, at: this.journal.length, by, event };
      this.journal.push(recorded);
      this.state = evolveChat(this.state, recorded);
    }
    return "ok";
  }
}

function started(): Played {
  const played = new Played();
  const members = people.map((person) => ({ person, name: person, role: "admin" as const }));
  played.ask("anna", { name: "chat.create", id: "c", title: "t", subject: null, members });
  return played;
}

const seq = fc.nat({ max: 40 });
const person = fc.constantFrom(...people);
const target = fc.constant(null);
const anyCommand: fc.Arbitrary<ChatCommand> = fc.oneof(
  fc.record({ name: fc.constant("chat.send" as const), id: fc.uuid(), body: fc.string({ maxLength: 8 }) }),
  fc.record({ name: fc.constant("chat.edit" as const), id: fc.uuid(), of: seq, body: fc.string(), target }),
  fc.record({ name: fc.constant("chat.delete" as const), id: fc.uuid(), of: seq, target }),
  fc.record({
    name: fc.constant("chat.react" as const),
    id: fc.uuid(),
    of: seq,
    emoji: fc.constantFrom("👍", "🙏"),
    on: fc.boolean(),
    target,
  }),
  fc.record({ name: fc.constant("chat.read" as const), id: fc.constant(null), seq }),
  fc.record({
    name: fc.constant("chat.member" as const),
    id: fc.uuid(),
    person,
    role: fc.constantFrom("admin", "member", "observer", null),
    personName: person,
  }),
);
const history = fc.array(fc.tuple(person, anyCommand), { maxLength: 60 });

describe("a conversation", () => {
  it("is a fold: replaying the journal, also from any snapshot, gives the live state", () => {
    fc.assert(
      fc.property(history, fc.nat(), (asked, cut) => {
        const played = started();
        for (const [by, command] of asked) played.ask(by, command);
        const at = cut % (played.journal.length + 1);
        const before = played.journal.slice(0, at).reduce(evolveChat, initialConversation);
        const snapshot = conversationSnapshot.parse(JSON.parse(JSON.stringify(before)));
        expect(played.journal.slice(at).reduce(evolveChat, snapshot)).toEqual(played.state);
      }),
    );
  });

  it("moves cursors forward only, and never beyond the last message", () => {
    fc.assert(
      fc.property(history, (asked) => {
        const played = started();
        for (const [by, command] of asked) {
          const before = played.state.cursors;
          played.ask(by, command);
          for (const [reader, cursor] of Object.entries(played.state.cursors)) {
            expect(cursor).toBeGreaterThanOrEqual(before[reader] ?? 0);
            expect(cursor).toBeLessThanOrEqual(played.state.lastMessage);
          }
        }
      }),
    );
  });

  it("always keeps an administrator", () => {
    fc.assert(
      fc.property(history, (asked) => {
        const played = started();
        for (const [by, command] of asked) played.ask(by, command);
        expect(Object.values(played.state.members).some(({ role }) => role === "admin")).toBe(true);
      }),
    );
  });

  it("names the last delivered event", () => {
    fc.assert(
      fc.property(history, (asked) => {
        const played = started();
        for (const [by, command] of asked) played.ask(by, command);
        const last = played.journal.findLast(({ event }) => isDelivered(event));
        expect(played.state.lastSeq).toBe(last?.seq ?? 0);
      }),
    );
  });

  it("does not grow with its history", () => {
    const played = started();
    for (let i = 0; i < recentLimit * 3; i += 1) {
      played.ask("anna", { name: "chat.send", id: `id-${i}`, body: "x" });
    }
    expect(played.state.recent).toHaveLength(recentLimit);
  });

  it("refuses what names no message, a deleted one, or a position beyond the end", () => {
    const played = started();
    const edit = (of: number) => ({ name: "chat.edit", id: "e", of, body: "new", target: null }) as const;
    expect(played.ask("anna", edit(9))).toBe("message_not_found");
    played.ask("anna", { name: "chat.send", id: "m", body: "hello" });
    expect(played.ask("anna", edit(2))).toBe("ok");
    played.ask("anna", { name: "chat.delete", id: "d", of: 2, target: null });
    expect(played.ask("anna", edit(2))).toBe("message_deleted");
    expect(played.ask("anna", { name: "chat.read", id: null, seq: 99 })).toBe("seq_out_of_range");
    expect(played.state.cursors).toEqual({});
  });

  it("trusts its own memory of a deletion over an older look-up", () => {
    const played = started();
    played.ask("anna", { name: "chat.send", id: "m", body: "hello" });
    played.ask("anna", { name: "chat.delete", id: "d", of: 2, target: null });
    const stale = { seq: 2, author: "anna", deleted: false };
    expect(played.ask("anna", { name: "chat.edit", id: "e", of: 2, body: "x", target: stale })).toBe(
      "message_deleted",
    );
  });

  it("shows the latest text, and none of a deleted message", () => {
    const played = started();
    played.ask("anna", { name: "chat.send", id: "m1", body: "one" });
    played.ask("ben", { name: "chat.send", id: "m2", body: "two" });
    played.ask("anna", { name: "chat.edit", id: "e", of: 2, body: "uno", target: null });
    played.ask("chie", { name: "chat.react", id: "r", of: 2, emoji: "👍", on: true, target: null });
    played.ask("ben", { name: "chat.delete", id: "d", of: 3, target: null });
    const delivered = played.journal.flatMap(({ event, ...place }) =>
      isDelivered(event) ? [{ ...place, event }] : [],
    );
    const [first, second] = foldMessages(new Map(), delivered).values();
    expect(first).toMatchObject({ body: "uno", reactions: { "👍": ["chie"] } });
    expect(second).toMatchObject({ body: null });
  });

  it("derives who has seen a message from the cursors", () => {
    expect(seenBy({ anna: 5, ben: 2 }, 3)).toEqual(["anna"]);
  });
});
