import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";
import type { ResumedEvent } from "../../../core/protocol/events.ts";
import { chatFixture, scope, textsOf } from "../testing/chat-fixture.ts";
import { settle } from "../testing/manual-clock.ts";
import { StubRoom } from "../testing/stub-room.ts";

/** The fixture once it is live, with the events it delivers from then on. */
async function joined(room = new StubRoom()) {
  const fixture = chatFixture({ room });
  const events: ResumedEvent[] = [];
  fixture.chat.on("event", (event) => events.push(event));
  await settle();
  expect(fixture.chat.snapshot.status).toBe("live");
  return { ...fixture, events };
}

function written(count: number): StubRoom {
  const room = new StubRoom();
  for (let n = 1; n <= count; n += 1) room.message(`${n}`);
  return room;
}

describe("joining", () => {
  test("shows the newest page, the members and who I am", async () => {
    const { chat, events } = await joined(written(60));
    const { messages, hasOlder, myRole, members, title, lastSeq } = chat.snapshot;
    expect(messages.map(({ body }) => body)).toEqual(Array.from({ length: 50 }, (_, n) => `${n + 11}`));
    expect({ hasOlder, myRole, title, lastSeq }).toEqual({
      hasOlder: true,
      myRole: "member",
      title: "Stub",
      lastSeq: 60,
    });
    expect(members.map(({ person }) => person)).toEqual(["me", "other"]);
    expect(events).toEqual([]);
  });

  test("loses nothing that is said while the history is on its way", async () => {
    const room = written(3);
    const { chat } = chatFixture({ room });
    const events: ResumedEvent[] = [];
    chat.on("event", (event) => events.push(event));
    room.message("4");
    await settle();
    room.message("5");
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4", "5"]);
    expect(events.at(-1)?.seq).toBe(5);
    expect(new Set(events.map(({ seq }) => seq)).size).toBe(events.length);
  });

  test("passes on what is said before the history is there, once", async () => {
    const room = written(3);
    const ready = Promise.withResolvers<void>();
    room.historyReady = ready.promise;
    const { chat } = chatFixture({ room });
    const events: ResumedEvent[] = [];
    chat.on("event", (event) => events.push(event));
    await settle();
    room.message("4");
    ready.resolve();
    await settle();
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4"]);
    expect(events.map(({ seq }) => seq)).toEqual([4]);
  });

  test("is refused for good where the room is not mine", async () => {
    const room = new StubRoom();
    room.refusesJoin = rejection("room_not_found");
    const { chat, closings, clock } = chatFixture({ room });
    await clock.advance(60_000);
    expect(chat.snapshot).toMatchObject({ status: "closed", reason: { code: "room_not_found" } });
    expect(closings).toEqual([rejection("room_not_found")]);
    expect(room.joins).toBe(1);
  });

  test("goes on trying where the server cannot be reached, and says so", async () => {
    const room = new StubRoom();
    room.refusesJoin = "unreachable";
    const { chat, clock } = chatFixture({ room });
    await clock.advance(30_000);
    expect(chat.snapshot.status).toBe("offline");
    room.refusesJoin = null;
    await clock.advance(10_000);
    expect(chat.snapshot.status).toBe("live");
  });

  test("waits as long as a busy room asks", async () => {
    const room = new StubRoom();
    room.refusesJoin = rejection("busy", undefined, 4_000);
    const { chat, clock } = chatFixture({ room });
    await clock.advance(3_999);
    expect(room.joins).toBe(1);
    expect(chat.snapshot.status).toBe("connecting");
    await clock.advance(2_001);
    expect(room.joins).toBe(2);
  });
});

describe("gaps", () => {
  test("are seen by the next event and mended", async () => {
    const { room, chat, events } = await joined(written(2));
    const statuses: string[] = [];
    chat.on("status", (status) => statuses.push(status));
    room.deaf = true;
    room.message("3");
    room.message("4");
    room.deaf = false;
    room.message("5");
    expect(textsOf(chat)).toEqual(["1", "2"]);
    await settle();
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4", "5"]);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4, 5]);
    expect(statuses).toEqual(["recovering", "live"]);
  });

  test("at the tail are seen by the state, after a moment", async () => {
    const { room, chat, clock } = await joined(written(2));
    room.deaf = true;
    room.message("3");
    room.showStates();
    await clock.advance(900);
    expect(textsOf(chat)).toEqual(["1", "2"]);
    await clock.advance(200);
    expect(textsOf(chat)).toEqual(["1", "2", "3"]);
  });

  test("are none where the state runs ahead of an event on its way", async () => {
    const { room, clock } = await joined(written(2));
    room.message("3");
    room.showStates();
    const asked = room.commands.length;
    await clock.advance(5_000);
    expect(room.commands.length).toBe(asked);
  });

  test("that no resume can mend end in a new seat", async () => {
    const { room, chat, clock } = await joined(written(2));
    room.broadcast([
      { type: "chat.message", id: "from-nowhere", body: "?", from: "other", at: 1, seq: 90, prev: 80 },
    ]);
    await clock.advance(60_000);
    expect(room.joins).toBe(2);
    expect(chat.snapshot.status).toBe("live");
  });

  test("repeated frames change nothing", async () => {
    const { room, chat, events } = await joined(written(2));
    const event = room.message("3");
    room.broadcast([event]);
    expect(textsOf(chat)).toEqual(["1", "2", "3"]);
    expect(events).toHaveLength(1);
  });
});

describe("a lost connection", () => {
  test("is taken up where it was, page by page", async () => {
    const { room, chat, clock, events } = await joined(written(2));
    room.resumePage = 2;
    room.cut();
    for (let n = 3; n <= 9; n += 1) room.message(`${n}`);
    await settle();
    expect(chat.snapshot.status).toBe("recovering");
    await clock.advance(10_000);
    expect(chat.snapshot.status).toBe("live");
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  test("of a frozen server is noticed, and taken up when it wakes", async () => {
    const { room, chat, clock } = await joined();
    room.frozen = true;
    await clock.advance(6_400);
    expect(chat.snapshot.status).toBe("live");
    await clock.advance(200);
    expect(chat.snapshot.status).toBe("recovering");
    await clock.advance(20_000);
    expect(chat.snapshot.status).toBe("offline");
    room.frozen = false;
    await clock.advance(20_000);
    expect(chat.snapshot.status).toBe("live");
    expect(room.seated).toBe(1);
  });

  test("is asked after at once when the device wakes", async () => {
    const { room, chat, clock, hint } = await joined();
    room.frozen = true;
    hint("awake");
    await clock.advance(2_600);
    expect(chat.snapshot.status).toBe("recovering");
  });

  test("by the device's own word is shown at once, and so is its return", async () => {
    const { room, chat, hint, clock } = await joined();
    room.refusesJoin = "unreachable";
    hint("offline");
    await settle();
    expect(chat.snapshot.status).toBe("offline");
    await clock.advance(300_000);
    room.refusesJoin = null;
    hint("awake");
    await settle();
    expect(chat.snapshot.status).toBe("live");
  });

  test("by a close code of ours is final or not", async () => {
    for (const [name, code] of [
      ["session_ended", closeCodes.sessionEnded],
      ["room_not_found", closeCodes.removed],
      ["rate_limited", closeCodes.abusive],
    ] as const) {
      const { room, chat, clock } = await joined();
      room.cut(code);
      await clock.advance(20_000);
      expect(chat.snapshot).toMatchObject({ status: "closed", reason: { code: name } });
    }
    for (const code of [closeCodes.rejoin, 1000, 1006, 4000, 4001, 4002]) {
      const { room, chat, clock } = await joined();
      room.cut(code);
      await clock.advance(20_000);
      expect(chat.snapshot.status).toBe("live");
    }
  });

  test("is taken up at once where the room is up elsewhere in a moment", async () => {
    const { room, chat, clock } = await joined();
    await clock.advance(5_000);
    room.refusesJoin = rejection("room_closed");
    room.cut();
    await clock.advance(150);
    expect(room.joins).toBe(2);
    await clock.advance(150);
    expect(room.joins).toBe(3);
    room.refusesJoin = null;
    await clock.advance(300);
    expect(chat.snapshot.status).toBe("live");
  });

  test("is retried less and less often while seats do not last", async () => {
    const { room, clock } = await joined();
    for (let n = 0; n < 200; n += 1) {
      room.cut();
      await clock.advance(300);
    }
    expect(room.joins).toBeLessThan(25);
  });

  test("to a server restored from a backup starts over", async () => {
    const { room, chat, clock } = await joined(written(5));
    room.cut();
    room.forget();
    room.message("new 1");
    await clock.advance(30_000);
    expect(chat.snapshot.status).toBe("live");
    expect(textsOf(chat)).toEqual(["new 1"]);
  });
});

describe("sending", () => {
  test("shows the message at once and once, and resolves when it is durable", async () => {
    const { room, chat } = await joined(written(1));
    const seen: (string | null)[][] = [];
    chat.on("change", () => seen.push(textsOf(chat)));
    const sent = chat.send("mine");
    await settle();
    await expect(sent).resolves.toEqual({ seq: 2, at: expect.any(Number) });
    expect(seen.length).toBeGreaterThan(0);
    for (const texts of seen) expect(texts).toEqual(["1", "mine"]);
    expect(chat.snapshot.outbox).toEqual([]);
    expect(room.events).toHaveLength(2);
  });

  test("keeps the written order, one at a time", async () => {
    const { room, chat } = await joined();
    room.mute = true;
    const sent = ["a", "b", "c"].map((text) => chat.send(text));
    room.deaf = true;
    await settle();
    expect(room.events.map((event) => "body" in event && event.body)).toEqual(["a"]);
    room.mute = false;
    room.deaf = false;
    room.cut();
    chat.on("change", () => expect(textsOf(chat)).toEqual(["a", "b", "c"]));
    await settle();
    expect(chat.snapshot.status).toBe("recovering");
    void sent;
  });

  test("survives a lost reply: the same id goes again, and is taken once", async () => {
    const { room, chat, clock } = await joined();
    room.mute = true;
    room.deaf = true;
    const sent = chat.send("once");
    await settle();
    room.mute = false;
    room.deaf = false;
    room.cut();
    await clock.advance(5_000);
    await expect(sent).resolves.toMatchObject({ seq: 1 });
    expect(room.events).toHaveLength(1);
    expect(textsOf(chat)).toEqual(["once"]);
  });

  test("survives a reload, in written order and before what is written then", async () => {
    const { room, chat, clock, again } = await joined();
    room.refusesJoin = "unreachable";
    room.cut();
    await settle();
    const lost = [chat.send("first"), chat.send("second")];
    await settle();
    await chat.leave();
    for (const one of lost) await expect(one).rejects.toMatchObject({ code: "room_closed" });
    const page = again();
    void page.chat.send("third");
    await settle();
    expect(textsOf(page.chat)).toEqual(["first", "second", "third"]);
    room.refusesJoin = null;
    await clock.advance(10_000);
    expect(page.chat.snapshot.outbox).toEqual([]);
    expect([...room.messages().values()].map(({ body }) => body)).toEqual(["first", "second", "third"]);
  });

  test("never shows twice what was sent just before a reload", async () => {
    const { room, chat, store, clock } = await joined();
    room.mute = true;
    room.deaf = true;
    chat.send("sent").catch(() => undefined);
    await settle();
    room.mute = false;
    room.deaf = false;
    await chat.leave();
    const kept = await store.load(scope);
    expect(kept).toHaveLength(1);
    const slow = Promise.withResolvers<void>();
    const page = chatFixture({ room, clock, store: { ...store, load: () => slow.promise.then(() => kept) } });
    page.chat.on("change", () => expect(textsOf(page.chat).length).toBeLessThan(2));
    await settle();
    expect(textsOf(page.chat)).toEqual(["sent"]);
    slow.resolve();
    await settle();
    expect(textsOf(page.chat)).toEqual(["sent"]);
    expect(await store.load(scope)).toEqual([]);
  });

  test("goes on where the device keeps nothing", async () => {
    const broken = () => Promise.reject(new Error("no storage"));
    const store = { load: broken, put: broken, remove: broken, clear: broken };
    const { chat, room } = chatFixture({ store });
    const sent = chat.send("anyway");
    await settle();
    await expect(sent).resolves.toMatchObject({ seq: 1 });
    expect(room.events).toHaveLength(1);
  });

  test("waits where the room is busy, and shows no refusal", async () => {
    const { room, chat, clock } = await joined();
    let refusals = 3;
    room.refuses = (name) =>
      name === "chat.send" && refusals-- > 0 ? rejection("busy", undefined, 500) : null;
    const sent = chat.send("patience");
    await clock.advance(1_000);
    expect(chat.snapshot.outbox[0]?.status).toBe("sending");
    await clock.advance(5_000);
    await expect(sent).resolves.toMatchObject({ seq: 1 });
  });

  test("shows a refusal, and lets the next message pass", async () => {
    const { room, chat, again } = await joined();
    room.refuses = (_, payload) =>
      JSON.stringify(payload).includes("bad") ? rejection("member_limit") : null;
    const bad = chat.send("bad");
    const good = chat.send("good");
    await settle();
    await expect(bad).rejects.toMatchObject({ code: "member_limit" });
    await expect(good).resolves.toMatchObject({ seq: 1 });
    expect(chat.snapshot.outbox).toMatchObject([
      { body: "bad", status: "refused", rejection: { code: "member_limit" } },
    ]);
    const page = again();
    await settle();
    expect(page.chat.snapshot.outbox).toMatchObject([{ body: "bad", status: "refused" }]);
    const [first] = chat.snapshot.outbox;
    room.refuses = () => null;
    chat.retry(first?.id ?? "");
    await settle();
    expect(textsOf(chat)).toEqual(["good", "bad"]);
    page.chat.discard(first?.id ?? "");
    expect(textsOf(page.chat)).toEqual(["good", "bad"]);
  });

  test("gives up on a server that fails every time", async () => {
    const { room, chat, clock } = await joined();
    room.refuses = (name) => (name === "chat.send" ? rejection("internal") : null);
    const sent = chat.send("unlucky");
    await clock.advance(60_000);
    await expect(sent).rejects.toMatchObject({ code: "internal" });
    expect(room.commands.filter(({ name }) => name === "chat.send")).toHaveLength(5);
  });

  test("refuses what no server could store before it is kept", async () => {
    const { room, chat } = await joined();
    await expect(chat.send("  ")).rejects.toMatchObject({ code: "body_empty" });
    await expect(chat.send("\ud800")).rejects.toMatchObject({ code: "body_malformed" });
    await expect(chat.edit(1, "x".repeat(65_537))).rejects.toMatchObject({ code: "body_too_long" });
    expect(chat.snapshot.outbox).toEqual([]);
    expect(room.commands.filter(({ name }) => name !== "chat.resume")).toEqual([]);
  });

  test("from two pages of one device is seen once on each", async () => {
    const { room, chat, clock, again } = await joined();
    room.refusesJoin = "unreachable";
    room.cut();
    await settle();
    void chat.send("shared");
    await settle();
    const page = again();
    await settle();
    expect(textsOf(page.chat)).toEqual(["shared"]);
    room.refusesJoin = null;
    await clock.advance(30_000);
    expect(textsOf(chat)).toEqual(["shared"]);
    expect(textsOf(page.chat)).toEqual(["shared"]);
    expect(room.events).toHaveLength(1);
  });
});

describe("amendments", () => {
  test("survive a lost connection in their order", async () => {
    const { room, chat, clock } = await joined(written(1));
    room.cut();
    const done = Promise.all([chat.react(1, "👍", true), chat.react(1, "👍", false), chat.edit(1, "edited")]);
    await clock.advance(5_000);
    await done;
    expect(chat.snapshot.messages).toMatchObject([{ body: "edited", reactions: {} }]);
  });

  test("are refused to whoever asked", async () => {
    const { room, chat } = await joined(written(1));
    room.refuses = () => rejection("forbidden");
    await expect(chat.delete(1)).rejects.toMatchObject({ code: "forbidden", name: "HugMeDoError" });
  });

  test("of messages that are not loaded are passed over, and known when those are", async () => {
    const { room, chat } = await joined(written(60));
    room.tell({ type: "chat.edited", id: "edit-0001", of: 2, body: "two", from: "other" });
    expect(chat.snapshot.messages[0]?.seq).toBe(11);
    await chat.loadOlder();
    expect(chat.snapshot.messages[1]).toMatchObject({ seq: 2, body: "two" });
    expect(chat.snapshot.hasOlder).toBe(false);
  });
});

describe("courtesies", () => {
  test("cursors go at most once a second and never back", async () => {
    const { room, chat, clock } = await joined(written(9));
    const reads = () =>
      room.commands.filter(({ name }) => name === "chat.read").map(({ payload }) => payload);
    for (const seq of [2, 5, 4, 6, Number.NaN]) chat.markRead(seq);
    await settle();
    expect(reads()).toEqual([{ seq: 2 }]);
    await clock.advance(1_000);
    expect(reads()).toEqual([{ seq: 2 }, { seq: 6 }]);
    chat.markRead(3);
    await clock.advance(5_000);
    expect(reads()).toHaveLength(2);
    room.cut();
    chat.markRead(8);
    await clock.advance(5_000);
    expect(reads()).toEqual([{ seq: 2 }, { seq: 6 }, { seq: 8 }]);
  });

  test("a cursor that the room refuses is not said again", async () => {
    const { room, chat, clock } = await joined(written(1));
    room.refuses = (name) => (name === "chat.read" ? rejection("seq_out_of_range") : null);
    chat.markRead(99);
    await clock.advance(10_000);
    expect(room.commands.filter(({ name }) => name === "chat.read")).toHaveLength(1);
  });

  test("typing is said every two seconds, and off after a pause or with the message", async () => {
    const { room, chat, clock } = await joined();
    const said = () =>
      room.commands.filter(({ name }) => name === "chat.typing").map(({ payload }) => payload);
    for (let n = 0; n < 30; n += 1) {
      chat.typing(true);
      await clock.advance(100);
    }
    expect(said()).toEqual([{ on: true }, { on: true }]);
    await clock.advance(4_000);
    expect(said()).toEqual([{ on: true }, { on: true }, { on: false }]);
    chat.typing(true);
    void chat.send("done");
    await settle();
    expect(said().slice(3)).toEqual([{ on: true }, { on: false }]);
  });
});

describe("leaving", () => {
  test("gives the seat back and ends every timer", async () => {
    const { room, chat, clock, closings } = await joined();
    await chat.leave();
    await settle();
    expect(chat.snapshot).toMatchObject({ status: "closed", reason: null });
    expect(room.seated).toBe(0);
    expect(clock.pending).toBe(0);
    expect(closings).toEqual([null]);
    await expect(chat.send("late")).rejects.toMatchObject({ code: "room_closed" });
  });

  test("does not wait for a frozen server", async () => {
    const { room, chat, clock } = await joined();
    room.frozen = true;
    const gone = chat.leave();
    await clock.advance(2_000);
    await gone;
    expect(chat.snapshot.status).toBe("closed");
  });
});
