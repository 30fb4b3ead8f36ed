import fc from "fast-check";
import { expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import type { ResumedEvent } from "../../../core/protocol/events.ts";
import { type ChatFixture, chatFixture } from "../testing/chat-fixture.ts";
import type { StubRoom } from "../testing/stub-room.ts";
import type { LiveChat } from "./live-chat.ts";

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), page: fc.nat(1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("hear" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("amend" as const), of: fc.nat(), kind: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(3_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("deaf" as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("mute" as const), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("busy" as const), times: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("away" as const), on: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      seats: fc.constantFrom("given" as const, "blank" as const, "refused" as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("show" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("answer" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), from: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("older" as const), page: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reload" as const), page: fc.nat(1) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A page of the person, watched: whatever it shows is checked at once. */
class Page {
  readonly fixture: ChatFixture;
  readonly events: ResumedEvent[] = [];

  constructor(fixture: ChatFixture) {
    this.fixture = fixture;
    fixture.chat.on("change", () => checkPicture(fixture.chat, fixture.room));
    fixture.chat.on("event", (event) => this.events.push(event));
  }

  checkEvents(room: StubRoom): void {
    const [first] = this.events;
    const all = room.events.filter(({ seq }) => first && seq >= first.seq).map(({ seq }) => seq);
    expect(this.events.map(({ seq }) => seq)).toEqual(all);
  }
}

/** No message twice, and none missing between two that are shown. */
function checkPicture({ snapshot }: LiveChat, room: StubRoom): void {
  const ids = [...snapshot.messages, ...snapshot.outbox].map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  const shown = snapshot.messages.map(({ seq }) => seq);
  const [oldest = 0, newest = 0] = [shown.at(0), shown.at(-1)];
  expect(shown).toEqual([...room.messages().keys()].filter((seq) => seq >= oldest && seq <= newest));
}

function take(
  room: StubRoom,
  pages: readonly Page[],
  now: Step,
  written: string[][],
  next: () => string,
): void {
  if (now.do === "hear") room.message(next());
  if (now.do === "cut") room.cut();
  if (now.do === "deaf") room.deaf = now.on;
  if (now.do === "mute") mute(room, now.on);
  if (now.do === "away") room.refusesJoin = now.on ? "unreachable" : null;
  if (now.do === "repeat") room.broadcast(room.events.slice(now.from % (room.events.length + 1)));
  if (now.do === "move") {
    room.keptSeats = now.seats;
    room.move();
  }
  if (now.do === "show") room.showStates();
  if (now.do === "answer") room.answer();
  if (now.do === "busy") refuseNext(room, now.times);
  if (now.do === "amend") amend(room, now.of, now.kind);
  if (now.do === "older") void pages[now.page]?.fixture.chat.loadOlder().catch(() => undefined);
  if (now.do !== "send") return;
  const body = next();
  written[now.page]?.push(body);
  void pages[now.page]?.fixture.chat.send(body);
  expect(pages[now.page]?.fixture.chat.snapshot.outbox.at(-1)?.body).toBe(body);
}

/** What was never answered fails with its connection. */
function mute(room: StubRoom, on: boolean): void {
  if (room.mute && !on) room.cut();
  room.mute = on;
}

function refuseNext(room: StubRoom, times: number): void {
  let left = times;
  room.refuses = () => (left-- > 0 ? rejection("busy", undefined, 300) : null);
}

function amend(room: StubRoom, pick: number, kind: number): void {
  const messages = [...room.messages().keys()];
  const of = messages[pick % messages.length];
  if (of === undefined) return;
  const by = { id: `amend-${room.events.length}`, of, from: "other" };
  if (kind === 0) room.tell({ type: "chat.edited", body: `edited ${room.events.length}`, ...by });
  if (kind === 1) room.tell({ type: "chat.deleted", ...by });
  if (kind === 2) room.tell({ type: "chat.reacted", emoji: "👍", on: true, ...by });
}

test("every page ends up with the server's conversation, whatever happens on the way", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(5), async (steps, before) => {
      const first = chatFixture();
      const { room, clock } = first;
      room.pageSize = 4;
      room.resumePage = 3;
      for (let n = 0; n < before; n += 1) room.message(`before ${n}`);
      const pages = [new Page(first), new Page(first.again())];
      const written: string[][] = [[], []];
      let count = 0;
      const next = () => `text ${count++}`;
      for (const now of steps) {
        if (now.do === "wait") await clock.advance(now.ms);
        else if (now.do === "reload") {
          await Promise.all([pages[now.page]?.fixture.chat.leave(), clock.advance(2_000)]);
          pages[now.page] = new Page(first.again());
        } else take(room, pages, now, written, next);
      }
      mute(room, false);
      Object.assign(room, { deaf: false, refusesJoin: null, refuses: () => null });
      room.message("the last word");
      await clock.advance(60_000);
      const said = [...room.messages().values()];
      for (const page of pages) {
        const { messages, outbox, status, lastSeq } = page.fixture.chat.snapshot;
        expect({ status, lastSeq, outbox }).toEqual({ status: "live", lastSeq: room.lastSeq, outbox: [] });
        expect(messages).toEqual(said.slice(-messages.length));
        page.checkEvents(room);
      }
      const stored = room.events.flatMap((event) => (event.type === "chat.message" ? event.body : []));
      for (const texts of written) expect(stored.filter((body) => texts.includes(body))).toEqual(texts);
      await Promise.all(pages.map(({ fixture }) => fixture.chat.leave()));
    }),
    { numRuns: 150 },
  );
}, 60_000);
