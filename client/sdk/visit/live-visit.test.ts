import { describe, expect, test } from "vitest";
import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";
import type { HistoryPages } from "../chat/history.ts";
import { memoryOutboxStore, type OutboxStore } from "../chat/outbox-store.ts";
import { unreachable } from "../errors.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { StubVisit } from "../testing/stub-visit.ts";
import { LiveVisit } from "./live-visit.ts";

interface FixtureOptions {
  readonly person?: string;
  readonly room?: StubVisit;
  readonly store?: OutboxStore;
  readonly history?: HistoryPages;
}

function fixture(options: FixtureOptions = {}) {
  const { room = new StubVisit(), store = memoryOutboxStore(), person = "me" } = options;
  const clock = new ManualClock();
  const closings: (Rejection | null)[] = [];
  const pages: (number | null)[] = [];
  const visit = new LiveVisit({
    store: async () => undefined,
    id: "demo",
    me: person,
    open: room.open(person),
    chat: {
      scope: { origin: "https://hugmedo.example", person, chat: "consultation/demo" },
      history: (before) => {
        pages.push(before);
        return (options.history ?? room.conversation.history)(before);
      },
      store,
    },
    clock,
    hints: () => () => undefined,
    closed: (reason) => closings.push(reason),
  });
  return { room, store, clock, visit, closings, pages };
}

async function atTheDoor(options: FixtureOptions = {}) {
  const all = fixture(options);
  await settle();
  expect(all.visit.snapshot).toMatchObject({ status: "live", you: { admission: "expected" } });
  return all;
}

async function inside(options: FixtureOptions = {}) {
  const all = fixture({ person: "clinician", ...options });
  await settle();
  expect(all.visit.snapshot).toMatchObject({ status: "live", you: { admission: "admitted" } });
  expect(all.visit.chat.snapshot.status).toBe("live");
  return all;
}

const bodies = ({ chat }: LiveVisit) => chat.snapshot.messages.map(({ body }) => body);

describe("at the door", () => {
  test("one sees where the visit stands and nothing of who is inside", async () => {
    const { visit, pages } = await atTheDoor();
    expect(visit.snapshot).toMatchObject({
      phase: "waiting",
      clinicianName: "Dr. Lindqvist",
      patient: null,
      about: "",
      participants: [],
    });
    expect(visit.chat.snapshot).toMatchObject({ id: "demo", status: "connecting", messages: [] });
    expect(pages).toEqual([]);
  });

  test("what is written waits for being let in", async () => {
    const { room, visit } = await atTheDoor();
    const sent = visit.chat.send("I am here");
    await settle();
    expect(room.commands).toEqual([]);
    expect(visit.chat.snapshot.outbox).toMatchObject([{ body: "I am here", status: "sending" }]);
    room.admit("me");
    await settle();
    await sent;
    expect(bodies(visit)).toEqual(["I am here"]);
  });

  test("being let in fills in the rest on the same connection", async () => {
    const { room, visit } = await atTheDoor();
    room.message("before you came");
    const yous: string[] = [];
    visit.on("you", ({ admission }) => yous.push(admission));
    room.admit("me");
    await settle();
    room.message("welcome");
    expect(room.joins).toBe(1);
    expect(yous).toEqual(["admitted"]);
    expect(visit.snapshot).toMatchObject({ status: "live", patient: "me", about: "follow-up" });
    expect(visit.snapshot.participants).toMatchObject([
      { person: "clinician", role: "clinician", admission: "admitted" },
      { person: "me", role: "patient", admission: "admitted" },
    ]);
    expect(visit.chat.snapshot.status).toBe("live");
    expect(bodies(visit)).toEqual(["before you came", "welcome"]);
  });
});

test("the browser that records hears how the recording stands, is told to go on, and reports", async () => {
  const { room, visit } = await inside();
  const heard: unknown[] = [];
  visit.recorder.on("state", (state) => heard.push(state));
  visit.recorder.on("lease", (lease) => heard.push(lease));
  const of = { recording: "0123456789abcdef", segment: 1 };
  const state = { ...of, status: "starting", since: 1, recorder: "clinician", reason: null } as const;
  room.send("recording.state", state, "clinician");
  room.send("recording.lease", of, "clinician");
  expect(heard).toEqual([state, of]);
  await visit.recorder.report(of.recording, of.segment, "running");
  expect(room.commands.at(-1)).toMatchObject({
    name: "recording.report",
    payload: { ...of, status: "running" },
  });
});

describe("the conversation in a visit", () => {
  test("goes on after a lost connection: nothing missing, nothing twice", async () => {
    const { room, clock, visit } = await inside();
    const events: number[] = [];
    visit.chat.on("event", ({ seq }) => events.push(seq));
    room.mute = true;
    const sent = visit.chat.send("mine");
    await settle();
    room.mute = false;
    room.cut();
    room.message("meanwhile", "me");
    expect(visit.chat.snapshot.status).not.toBe("closed");
    await clock.advance(1_000);
    await sent;
    expect([visit.snapshot.status, visit.chat.snapshot.status]).toEqual(["live", "live"]);
    expect(bodies(visit)).toEqual(["mine", "meanwhile"]);
    expect(events).toEqual([1, 2]);
    const tries = room.commands.filter(({ name }) => name === "chat.send");
    expect(tries[0]).toEqual(tries[1]);
  });

  test("goes where the visit is moved to, unseen", async () => {
    const { room, clock, visit } = await inside();
    room.message("before", "me");
    const told: unknown[] = [];
    visit.on("status", (status) => told.push(status));
    visit.chat.on("status", (status) => told.push(status));
    visit.chat.on("event", ({ seq }) => told.push(seq));
    const { participants } = visit.snapshot;
    const ready = Promise.withResolvers<void>();
    room.keptReady = ready.promise;
    room.mute = true;
    const asked = Promise.all([visit.chat.send("mine"), visit.hold(true), visit.summary()]);
    await settle();
    room.mute = false;
    room.move();
    room.message("meanwhile", "me");
    ready.resolve();
    await settle();
    await asked;
    room.message("after", "me");
    expect(bodies(visit)).toEqual(["before", "mine", "meanwhile", "after"]);
    expect(told).toEqual([2, 3, 4]);
    expect(room.journal.map(({ name }) => name)).toEqual(["visit.hold"]);
    expect(visit.snapshot.participants).toBe(participants);
    await clock.advance(30_000);
    expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 1, seated: 1 });
  });

  test("that is refused is closed alone: the visit goes on", async () => {
    const room = new StubVisit();
    room.message("of before");
    room.refuses = (name) => (name === "chat.resume" ? rejection("forbidden") : null);
    const history: HistoryPages = async () => ({ items: [], next: null });
    const { visit, closings } = fixture({ room, person: "clinician", history });
    await settle();
    expect(visit.chat.snapshot).toMatchObject({ status: "closed", reason: { code: "forbidden" } });
    expect(visit.snapshot.status).toBe("live");
    await expect(visit.chat.send("?")).rejects.toMatchObject({ code: "forbidden" });
    await visit.start();
    expect(closings).toEqual([]);
  });

  test("that cannot be caught up with for now is tried again on the same seat", async () => {
    let down = true;
    const room = new StubVisit();
    const { clock, visit } = fixture({
      room,
      person: "clinician",
      history: (before) => (down ? Promise.reject(unreachable()) : room.conversation.history(before)),
    });
    await clock.advance(5_000);
    expect(visit.chat.snapshot.status).toBe("connecting");
    expect(visit.snapshot.status).toBe("live");
    room.message("meanwhile", "me");
    down = false;
    await clock.advance(20_000);
    expect(visit.chat.snapshot.status).toBe("live");
    expect(bodies(visit)).toEqual(["meanwhile"]);
    expect(room.joins).toBe(1);
  });

  test("whose gap cannot be mended begins anew on the same seat", async () => {
    const { room, clock, visit } = await inside();
    const statuses: string[] = [];
    visit.chat.on("status", (status) => statuses.push(status));
    const message = { type: "chat.message", id: "ghost-01", body: "of nowhere", from: "me" } as const;
    room.send("events", [{ ...message, seq: 9, prev: 8, at: 1 }]);
    await clock.advance(10_000);
    expect(statuses).toEqual(["recovering", "live"]);
    expect(bodies(visit)).toEqual([]);
    expect([visit.snapshot.status, room.joins]).toEqual(["live", 1]);
  });

  test("ends with the visit, and alone when it alone is left", async () => {
    const [{ room, visit }, other] = await Promise.all([inside(), inside()]);
    await other.visit.chat.leave();
    other.room.message("unheard");
    expect(other.visit.chat.snapshot).toMatchObject({ status: "closed", reason: null, messages: [] });
    expect(other.visit.snapshot.status).toBe("live");
    await visit.leave();
    expect(visit.chat.snapshot).toMatchObject({ status: "closed", reason: null });
    await expect(visit.chat.send("too late")).rejects.toMatchObject({ code: "room_closed" });
    expect(room.seated).toBe(0);
  });
});

describe("what is asked of a visit", () => {
  test("goes again under the same id after a lost connection, and an invitation has its code", async () => {
    const { room, clock, visit } = await inside();
    room.mute = true;
    const invited = visit.invite("interpreter", { label: "Ms. Ono" });
    await settle();
    room.mute = false;
    room.cut();
    await clock.advance(1_000);
    const asked = room.commands.filter(({ name }) => name === "visit.invite");
    expect(asked).toHaveLength(2);
    expect(asked[0]).toEqual(asked[1]);
    expect(asked[0]).toMatchObject({ payload: { role: "interpreter", label: "Ms. Ono" } });
    const { id } = room.journal[0] ?? { id: "" };
    expect(await invited).toMatchObject({ seq: 1, code: `code of ${id}`, invitation: `i-${id}` });
  });

  test("needs nothing of the conversation", async () => {
    const { room, visit } = await atTheDoor();
    await visit.knock();
    await visit.survey(5);
    expect(room.commands.map(({ name, payload }) => [name, payload])).toEqual([
      ["visit.knock", { id: expect.any(String) }],
      ["visit.survey", { id: expect.any(String), rating: 5 }],
    ]);
  });

  test("consents are given and withdrawn, and the summary is read", async () => {
    const { room, visit } = await inside();
    await visit.consent("recording", true);
    await visit.consent("recording", false);
    expect(room.journal.map(({ name }) => name)).toEqual(["consent.give", "consent.withdraw"]);
    expect(await visit.summary()).toEqual({ phase: "waiting" });
  });
});

test("parts of the picture that did not change stay the same objects", async () => {
  const { room, visit } = await inside();
  const { participants, consents } = visit.snapshot;
  const pictures: unknown[] = [];
  visit.on("change", (picture) => pictures.push(picture));
  room.show();
  expect(pictures).toEqual([]);
  room.phase = "in_progress";
  room.show();
  expect(visit.snapshot.phase).toBe("in_progress");
  expect(visit.snapshot.participants).toBe(participants);
  expect(visit.snapshot.consents).toBe(consents);
  expect(pictures).toHaveLength(1);
});

test("whoever is removed is told, and so is their chat", async () => {
  const { room, visit, closings } = await inside();
  room.cut(closeCodes.removed);
  await settle();
  const closed = { status: "closed", reason: { code: "room_not_found" } };
  expect(visit.snapshot).toMatchObject(closed);
  expect(visit.chat.snapshot).toMatchObject(closed);
  expect(closings).toMatchObject([{ code: "room_not_found" }]);
});

test("a device that is offline shows it, in the chat too", async () => {
  const { room, clock, visit } = await inside();
  room.refusesJoin = "unreachable";
  room.cut();
  await clock.advance(5_000);
  expect([visit.snapshot.status, visit.chat.snapshot.status]).toEqual(["offline", "offline"]);
});
