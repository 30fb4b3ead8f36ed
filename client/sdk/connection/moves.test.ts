import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";
import type { ResumedEvent } from "../../../core/protocol/events.ts";
import { chatFixture, textsOf } from "../testing/chat-fixture.ts";
import { settle } from "../testing/manual-clock.ts";
import { StubRoom } from "../testing/stub-room.ts";
import type { ConnectionStatus } from "../types.ts";

/** A chat that is live, with every status, event and list of texts that it shows from then on. */
async function joined(texts: readonly string[] = ["1", "2"]) {
  const room = new StubRoom();
  for (const text of texts) room.message(text);
  const fixture = chatFixture({ room });
  const { chat, clock } = fixture;
  await settle();
  expect(chat.snapshot.status).toBe("live");
  const statuses: ConnectionStatus[] = [];
  const events: ResumedEvent[] = [];
  const pictures: (string | null)[][] = [];
  chat.on("status", (status) => statuses.push(status));
  chat.on("event", (event) => events.push(event));
  chat.on("change", () => pictures.push(textsOf(chat)));
  const sends = () => room.commands.filter(({ name }) => name === "chat.send");
  // It was live for long enough to join again at once.
  await clock.advance(6_000);
  return { ...fixture, statuses, events, pictures, sends };
}

function deferred(room: StubRoom) {
  const { promise, resolve } = Promise.withResolvers<void>();
  room.keptReady = promise;
  return resolve;
}

describe("a room that moves is followed", () => {
  test("without a word: the seat that was told of is taken, and the old one given up", async () => {
    const { room, statuses, clock } = await joined();
    const timers = clock.pending;
    room.move();
    await settle();
    expect(room.asked).toEqual([{ name: "stub", roomId: "stub_1", processId: "process-1", sessionId: "me" }]);
    expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 1, seated: 1 });
    expect(clock.pending).toBe(timers);
    expect(statuses).toEqual([]);
  });

  test("in one step: what it says waits until it has shown its state", async () => {
    const { room, chat, statuses, events, pictures } = await joined();
    room.keptSeats = "blank";
    room.move();
    await settle();
    room.message("3");
    expect({ seated: room.seated, texts: textsOf(chat) }).toEqual({ seated: 2, texts: ["1", "2"] });
    room.showStates();
    await settle();
    room.message("4");
    expect(room.seated).toBe(1);
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4"]);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(pictures.every(([first, second]) => first === "1" && second === "2")).toBe(true);
    expect(statuses).toEqual([]);
  });

  test("and what was said on the way is resumed, once", async () => {
    const { room, chat, statuses, events } = await joined();
    const given = deferred(room);
    room.move();
    room.message("3");
    room.message("4");
    given();
    await settle();
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4"]);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(room.commands).toEqual([{ name: "chat.resume", payload: { after: 2 } }]);
    expect(statuses).toEqual([]);
  });

  test("and asks for nothing where nothing was missed", async () => {
    const { room } = await joined();
    room.move();
    await settle();
    expect(room.commands).toEqual([]);
  });

  test("again and again", async () => {
    const { room, chat, statuses } = await joined();
    for (let n = 3; n < 20; n += 1) {
      room.move();
      await settle();
      room.message(`${n}`);
    }
    expect(textsOf(chat)).toHaveLength(19);
    expect({ joins: room.joins, seated: room.seated, asked: room.asked.length }).toEqual({
      joins: 1,
      seated: 1,
      asked: 17,
    });
    expect(statuses).toEqual([]);
  });

  test("on from where it has not arrived yet: the newest seat is the one", async () => {
    const { room, chat, clock, statuses } = await joined();
    room.keptSeats = "blank";
    room.move();
    await clock.advance(2_000);
    room.move();
    await clock.advance(2_000);
    room.message("3");
    room.showStates();
    await settle();
    expect(room.asked.map(({ roomId }) => roomId)).toEqual(["stub_1", "stub_2"]);
    expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 1, seated: 1 });
    expect(textsOf(chat)).toEqual(["1", "2", "3"]);
    expect(statuses).toEqual([]);
  });

  test("before anything was live", async () => {
    const room = new StubRoom();
    room.message("1");
    const ready = Promise.withResolvers<void>();
    room.historyReady = ready.promise;
    const { chat, clock } = chatFixture({ room });
    const sent = chat.send("mine");
    await settle();
    room.keptSeats = "blank";
    room.move();
    ready.resolve();
    await settle();
    expect(room.commands).toEqual([]);
    expect(chat.snapshot.status).toBe("connecting");
    room.showStates();
    await settle();
    await sent;
    expect(chat.snapshot.status).toBe("live");
    expect(textsOf(chat)).toEqual(["1", "mine"]);
    await clock.advance(60_000);
    expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 1, seated: 1 });
  });

  test("and its silence is watched", async () => {
    const { room, chat, clock } = await joined();
    room.move();
    await settle();
    room.frozen = true;
    await clock.advance(6_400);
    expect(chat.snapshot.status).toBe("live");
    await clock.advance(200);
    expect(chat.snapshot.status).toBe("recovering");
  });

  test("while a gap is being mended", async () => {
    const { room, chat, statuses, events } = await joined();
    room.mute = true;
    room.deaf = true;
    room.message("3");
    room.deaf = false;
    room.message("4");
    await settle();
    expect(statuses).toEqual(["recovering"]);
    room.mute = false;
    room.move();
    await settle();
    expect(textsOf(chat)).toEqual(["1", "2", "3", "4"]);
    expect(events.map(({ seq }) => seq)).toEqual([3, 4]);
    expect(statuses).toEqual(["recovering", "live"]);
  });
});

describe("what was asked", () => {
  test("and has no answer goes again over the new seat, at once and under the same id", async () => {
    const { room, chat, sends, pictures } = await joined();
    room.mute = true;
    room.deaf = true;
    const sent = chat.send("mine");
    await settle();
    room.mute = false;
    room.deaf = false;
    room.move();
    await settle();
    await expect(sent).resolves.toMatchObject({ seq: 3 });
    expect(sends()).toHaveLength(2);
    expect(sends()[0]).toEqual(sends()[1]);
    expect(room.events).toHaveLength(3);
    expect(pictures.every((texts) => texts.join() === "1,2,mine")).toBe(true);
  });

  test("may still be answered where it was asked", async () => {
    const { room, chat, sends } = await joined();
    room.keptSeats = "blank";
    room.mute = true;
    const sent = chat.send("mine");
    await settle();
    room.move();
    await settle();
    room.answer();
    await expect(sent).resolves.toMatchObject({ seq: 3 });
    room.mute = false;
    room.showStates();
    await settle();
    expect(sends()).toHaveLength(1);
    expect(textsOf(chat)).toEqual(["1", "2", "mine"]);
  });

  test("since it moved waits for the new seat", async () => {
    const { room, chat, sends } = await joined();
    room.keptSeats = "blank";
    room.move();
    const sent = Promise.all([chat.send("mine"), chat.react(1, "👍", true)]);
    chat.markRead(2);
    chat.typing(true);
    await settle();
    expect(room.commands).toEqual([]);
    room.showStates();
    await settle();
    await sent;
    expect(sends()).toHaveLength(1);
    expect(room.cursors.get("me")).toBe(2);
    expect(chat.snapshot.messages[0]?.reactions).toEqual({ "👍": ["me"] });
  });

  test("and was to be patient is asked at once of where the room is now", async () => {
    const { room, chat, sends } = await joined();
    room.refuses = (name) => (name === "chat.send" ? rejection("busy", undefined, 60_000) : null);
    const sent = chat.send("mine");
    await settle();
    room.refuses = () => null;
    room.move();
    await settle();
    await expect(sent).resolves.toMatchObject({ seq: 3 });
    expect(sends()).toHaveLength(2);
  });

  test("and is refused since the room is there no more, is asked at once of where it is now", async () => {
    const { room, chat, sends } = await joined();
    room.keptSeats = "blank";
    room.mute = true;
    const sent = chat.send("mine");
    await settle();
    room.mute = false;
    room.move();
    room.answer(rejection("room_closed"));
    await settle();
    expect(sends()).toHaveLength(1);
    room.showStates();
    await settle();
    await expect(sent).resolves.toMatchObject({ seq: 3 });
    expect(sends()).toHaveLength(2);
  });

  test("of a cursor is said again", async () => {
    const { room, chat, clock } = await joined();
    const reads = () => room.commands.filter(({ name }) => name === "chat.read").length;
    room.mute = true;
    chat.markRead(2);
    await settle();
    room.mute = false;
    room.cursors.delete("me");
    room.move();
    await clock.advance(1_000);
    expect(reads()).toBe(2);
    await clock.advance(5_000);
    expect(reads()).toBe(2);
  });
});

describe("a kept seat that is not to be had", () => {
  test.each(["refused", "blank", "late"] as const)("(%s) is let go for another", async (how) => {
    const { room, chat, clock, statuses, events } = await joined();
    const given = how === "late" ? deferred(room) : null;
    if (how !== "late") room.keptSeats = how;
    room.move();
    room.message("3");
    if (how === "refused") await settle();
    else {
      await clock.advance(2_900);
      expect(statuses).toEqual([]);
      await clock.advance(100);
    }
    await clock.advance(0);
    expect(statuses).toEqual(["recovering", "live"]);
    expect(textsOf(chat)).toEqual(["1", "2", "3"]);
    given?.();
    await settle();
    room.message("4");
    expect(events.map(({ seq }) => seq)).toEqual([3, 4]);
    expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 2, seated: 1 });
  });

  test("before the old one closes is let go for another", async () => {
    for (const code of [closeCodes.rejoin, 1006]) {
      const { room, chat, clock, statuses } = await joined();
      room.keptSeats = "blank";
      room.move();
      const sent = chat.send("mine");
      await settle();
      room.cutLeft(code);
      await clock.advance(0);
      expect(statuses).toEqual(["recovering", "live"]);
      await sent;
      expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 2, seated: 1 });
    }
  });

  test("because the session ended is the end", async () => {
    const { room, chat, closings } = await joined();
    room.keptSeats = "blank";
    room.move();
    await settle();
    room.cut(closeCodes.sessionEnded);
    await settle();
    expect(chat.snapshot).toMatchObject({ status: "closed", reason: { code: "session_ended" } });
    expect(closings).toMatchObject([{ code: "session_ended" }]);
    expect(room.seated).toBe(0);
  });

  test("time after time is not run after", async () => {
    const { room, clock } = await joined();
    room.keptSeats = "refused";
    for (let n = 0; n < 600; n += 1) {
      room.move();
      await clock.advance(100);
    }
    expect(room.joins).toBeLessThan(30);
  });
});

describe("whoever goes while the room moves", () => {
  test.each(["blank", "late"] as const)("leaves no seat behind (%s)", async (how) => {
    const { room, chat, clock, statuses, closings } = await joined();
    const given = how === "late" ? deferred(room) : null;
    if (how === "blank") room.keptSeats = how;
    room.move();
    await settle();
    const unsent = chat.send("unsent");
    await chat.leave();
    await expect(unsent).rejects.toMatchObject({ code: "room_closed" });
    const told = [...statuses];
    given?.();
    await settle();
    expect({ seated: room.seated, timers: clock.pending }).toEqual({ seated: 0, timers: 0 });
    room.showStates();
    room.message("3");
    expect(told).toEqual(["closed"]);
    expect(statuses).toEqual(told);
    expect(textsOf(chat)).toEqual(["1", "2", "unsent"]);
    expect(closings).toEqual([null]);
  });

  test("does not wait for a server that has frozen", async () => {
    const { room, chat, clock } = await joined();
    room.keptSeats = "blank";
    room.move();
    await settle();
    room.frozen = true;
    const gone = chat.leave();
    await clock.advance(2_000);
    await gone;
    expect(chat.snapshot.status).toBe("closed");
    expect({ seated: room.seated, timers: clock.pending }).toEqual({ seated: 0, timers: 0 });
  });

  test("by the session's end hears no more", async () => {
    const { room, chat, clock, statuses } = await joined();
    room.keptSeats = "blank";
    room.move();
    await settle();
    chat.shut(rejection("session_ended"));
    room.showStates();
    await settle();
    expect(statuses).toEqual(["closed"]);
    expect({ seated: room.seated, timers: clock.pending }).toEqual({ seated: 0, timers: 0 });
  });

  test("is told nothing of a move that comes after good-bye", async () => {
    const { room, chat } = await joined();
    room.frozen = true;
    void chat.leave();
    room.frozen = false;
    room.move();
    await settle();
    expect(room.asked).toEqual([]);
  });

  test("offline comes back to where the room is", async () => {
    const { room, chat, clock, hint, statuses } = await joined();
    room.keptSeats = "blank";
    room.move();
    await settle();
    hint("offline");
    await settle();
    expect({ seated: room.seated, statuses }).toEqual({ seated: 0, statuses: ["offline"] });
    room.message("3");
    hint("awake");
    await clock.advance(0);
    expect(statuses.at(-1)).toBe("live");
    expect(textsOf(chat)).toEqual(["1", "2", "3"]);
  });
});
