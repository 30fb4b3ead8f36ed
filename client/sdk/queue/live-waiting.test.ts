import { describe, expect, test } from "vitest";
import { type Rejection, rejection } from "../../../core/domain/errors.ts";
import { closeCodes } from "../../../core/protocol/codes.ts";
import type { PlaceMessage } from "../../../core/protocol/queue.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { noPlace, placeAt, StubQueue } from "../testing/stub-queue.ts";
import { LiveWaiting } from "./live-waiting.ts";
import type { WaitingSnapshot } from "./types.ts";

const transferred = (seq: number, to: string, at = 5_000): PlaceMessage => ({
  ...noPlace,
  seq,
  ended: { how: "transferred", at, to },
});

/** A patient "me" before the queue "general", with another queue, "skin", next door. */
function fixture(
  options: {
    readonly isPatient?: boolean;
    readonly place?: PlaceMessage | null;
    readonly refused?: Rejection;
  } = {},
) {
  const { isPatient = true, place = noPlace, refused = null } = options;
  const general = new StubQueue("General");
  const skin = new StubQueue("Skin");
  const queues = new Map([
    ["general", general],
    ["skin", skin],
  ]);
  general.refusesJoin = refused;
  if (place) general.places.set("me", place);
  const clock = new ManualClock();
  const moves: string[] = [];
  const closings: (Rejection | null)[] = [];
  const waiting = new LiveWaiting({
    id: "general",
    open: (id) => (queues.get(id) ?? new StubQueue()).open("me"),
    isPatient,
    clock,
    hints: () => () => undefined,
    moved: (to) => moves.push(to),
    closed: (reason) => closings.push(reason),
  });
  return { general, skin, queues, clock, waiting, moves, closings };
}

async function joined(options: Parameters<typeof fixture>[0] = {}) {
  const all = fixture(options);
  await settle();
  expect(all.waiting.snapshot.status).toBe("live");
  return all;
}

describe("a place", () => {
  test("belongs to being current: without it the connection is not live", async () => {
    const { general, waiting } = fixture({ place: null });
    await settle();
    expect(waiting.snapshot).toMatchObject({ status: "connecting", place: null, queue: { id: "general" } });
    general.place("me", placeAt(3, 2));
    await settle();
    expect(waiting.snapshot).toMatchObject({ status: "live", place: { place: 2, ahead: 1 } });
  });

  test("is not told to those who are no patients", async () => {
    const { waiting } = await joined({ isPatient: false, place: null });
    expect(waiting.snapshot.place).toBeNull();
  });

  test("that is older than the one before it is ignored", async () => {
    const { general, waiting } = await joined({ place: placeAt(5, 3) });
    const told: (number | null)[] = [];
    waiting.on("place", ({ place }) => told.push(place));
    general.place("me", placeAt(7, 1));
    general.place("me", placeAt(6, 2));
    general.place("me", placeAt(7, 1, { etaSeconds: 60 }));
    expect(told).toEqual([1, 1]);
    expect(waiting.snapshot.place).toMatchObject({ place: 1, etaSeconds: 60 });
  });

  test("counts anew on a new seat, and stays in the picture until then", async () => {
    const { general, waiting, clock } = await joined({ place: placeAt(9, 3) });
    general.places.delete("me");
    general.cut();
    await clock.advance(1_000);
    expect(waiting.snapshot).toMatchObject({ status: "recovering", place: { place: 3 } });
    general.place("me", placeAt(0, 2));
    await settle();
    expect(waiting.snapshot).toMatchObject({ status: "live", place: { place: 2 } });
  });
});

describe("a queue that moves", () => {
  test("keeps place and status as they are, and says no more than is new", async () => {
    const { general, waiting } = await joined({ place: placeAt(9, 3) });
    const pictures: WaitingSnapshot[] = [];
    waiting.on("change", (picture) => pictures.push(picture));
    general.places.set("me", placeAt(10, 2));
    general.move();
    await settle();
    expect(pictures).toMatchObject([{ status: "live", place: { place: 2 } }]);
    general.place("me", placeAt(11, 1));
    expect(waiting.snapshot).toMatchObject({ status: "live", place: { place: 1 } });
    expect({ joins: general.joins, seated: general.seated }).toEqual({ joins: 1, seated: 1 });
  });

  test("is told there what it was not told here", async () => {
    const { general, waiting } = await joined();
    general.mute = true;
    const asked = waiting.join({ reason: "cough" });
    await settle();
    general.mute = false;
    general.move();
    await settle();
    expect(await asked).toEqual({ seq: 1, at: 1_000 });
    expect(general.journal).toHaveLength(1);
  });

  test("is followed also where the place goes to another queue at that moment", async () => {
    const { general, skin, waiting, clock } = await joined({ place: placeAt(5, 1) });
    skin.places.set("me", placeAt(2, 4));
    general.places.set("me", transferred(6, "skin"));
    general.move();
    await settle();
    skin.move();
    await clock.advance(0);
    expect(waiting.snapshot).toMatchObject({ status: "live", queue: { id: "skin" }, place: { place: 4 } });
    expect([general.seated, skin.seated]).toEqual([0, 1]);
  });
});

describe("what a patient asks", () => {
  test("goes again under the same id after a lost connection, and is done once", async () => {
    const { general, waiting, clock } = await joined();
    general.mute = true;
    const asked = waiting.join({ reason: "cough", needs: ["wheelchair"] });
    await settle();
    general.mute = false;
    general.cut();
    await clock.advance(1_000);
    expect(await asked).toEqual({ seq: 1, at: 1_000 });
    expect(general.commands).toHaveLength(2);
    expect(general.commands[0]).toEqual(general.commands[1]);
    expect(general.commands[0]).toMatchObject({
      name: "queue.join",
      payload: { id: expect.stringMatching(/^[0-9a-f]{32}$/), reason: "cough", needs: ["wheelchair"] },
    });
    expect(general.journal).toHaveLength(1);
  });

  test("keeps its order, also where the room is busy", async () => {
    const { general, waiting, clock } = await joined();
    let busy = true;
    general.refuses = () => (busy ? rejection("busy", undefined, 100) : null);
    const all = [waiting.checkIn({ location: "Kyoto" }), waiting.confirm(), waiting.leave()];
    await settle();
    busy = false;
    await clock.advance(1_000);
    await Promise.all(all);
    expect(general.journal.map(({ name }) => name)).toEqual([
      "queue.checkIn",
      "queue.confirm",
      "queue.leave",
    ]);
  });

  test("is refused with the room's own words, once", async () => {
    const { general, waiting } = await joined();
    general.refuses = () => rejection("queue_closed");
    await expect(waiting.join({ reason: "" })).rejects.toMatchObject({
      name: "HugMeDoError",
      code: "queue_closed",
    });
    expect(general.commands).toHaveLength(1);
  });

  test("fails where the room is left before it answers", async () => {
    const { general, waiting, closings } = await joined();
    general.mute = true;
    const asked = waiting.leave();
    await settle();
    await waiting.disconnect();
    await expect(asked).rejects.toMatchObject({ code: "room_closed" });
    expect(waiting.snapshot).toMatchObject({ status: "closed", reason: null });
    expect(closings).toEqual([null]);
    expect(general.seated).toBe(0);
  });
});

describe("a call", () => {
  const called = { entry: "e1", by: "Dr. Lindqvist", at: 2_000, answerBy: 122_000 };

  test("stands until the place is another than called", async () => {
    const { general, waiting } = await joined({ place: placeAt(5, 1) });
    const calls: unknown[] = [];
    waiting.on("called", (message) => calls.push(message));
    general.place("me", placeAt(6, 1, { status: "called" }));
    general.send("queue.called", called);
    general.place("me", placeAt(6, 1, { status: "called", etaSeconds: 0 }));
    expect(waiting.snapshot.called).toEqual(called);
    general.place("me", placeAt(7, 1, { status: "confirmed" }));
    expect(waiting.snapshot.called).toBeNull();
    expect(calls).toEqual([called]);
  });
});

describe("an admission", () => {
  const admitted = { visit: "v1", at: 5_000 };

  test("stays when the place is gone, and goes when the patient waits anew", async () => {
    const { general, waiting } = await joined({ place: placeAt(5, 1, { status: "leaving" }) });
    general.place("me", { ...noPlace, seq: 6, ended: { how: "admitted", at: 5_000, to: "v1" } });
    general.send("queue.admitted", admitted);
    general.place("me", { ...noPlace, seq: 7 });
    expect(waiting.snapshot).toMatchObject({ admitted, place: { status: "none" } });
    general.place("me", placeAt(8, 4, { joinedAt: 9_000 }));
    expect(waiting.snapshot.admitted).toBeNull();
  });
});

test("notices are kept in order, each once, and the last twenty", async () => {
  const { general, waiting } = await joined();
  const heard: string[] = [];
  waiting.on("notice", ({ body }) => heard.push(body));
  const notice = (at: number) => ({ body: `at ${at}`, at, personal: false });
  for (const at of [2, 1, 2]) general.send("queue.notice", notice(at));
  expect(heard).toEqual(["at 2", "at 1"]);
  expect(waiting.snapshot.notices.map(({ at }) => at)).toEqual([1, 2]);
  for (let at = 3; at <= 30; at += 1) general.send("queue.notice", notice(at));
  expect(waiting.snapshot.notices.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, n) => n + 11));
});

test("what everyone sees of the queue follows its state, and is the same object until it changes", async () => {
  const { general, waiting } = await joined();
  const { queue } = waiting.snapshot;
  expect(queue).toMatchObject({ title: "General", opening: "open", suspended: null, asks: ["location"] });
  const changes: unknown[] = [];
  waiting.on("change", (snapshot) => changes.push(snapshot));
  general.show();
  expect(changes).toEqual([]);
  Object.assign(general.state, { opening: "suspended", suspendedUntil: 0, suspendedNotice: "Emergency." });
  general.show();
  expect(waiting.snapshot.queue?.suspended).toEqual({ until: null, notice: "Emergency." });
  expect(waiting.snapshot.queue?.asks).toBe(queue?.asks);
});

describe("a transfer", () => {
  test("is followed by itself: the same object goes on in the other queue", async () => {
    const { general, skin, waiting, moves } = await joined({ place: placeAt(5, 1) });
    const statuses: string[] = [];
    const places: unknown[] = [];
    waiting.on("status", (status) => statuses.push(status));
    waiting.on("change", ({ place, queue }) => places.push([queue?.id, place?.status]));
    general.send("queue.notice", { body: "all of General", at: 1, personal: false });
    general.send("queue.notice", { body: "you", at: 2, personal: true });
    skin.places.set("me", placeAt(2, 4));
    general.place("me", transferred(6, "skin"));
    expect(waiting.snapshot).toMatchObject({
      status: "recovering",
      queue: { id: "general" },
      place: { place: 1 },
    });
    await settle();
    expect(waiting.id).toBe("skin");
    expect(waiting.snapshot).toMatchObject({
      status: "live",
      queue: { id: "skin", title: "Skin" },
      place: { place: 4 },
      notices: [{ body: "you" }],
    });
    expect(statuses).toEqual(["recovering", "live"]);
    expect(places).not.toContainEqual([expect.anything(), "none"]);
    expect(moves).toEqual(["skin"]);
    expect([general.seated, skin.seated]).toEqual([0, 1]);
    await waiting.leave();
    expect(skin.journal).toMatchObject([{ name: "queue.leave" }]);
  });

  test("refuses what the old queue has not answered", async () => {
    const { general, skin, waiting } = await joined({ place: placeAt(5, 1) });
    skin.places.set("me", placeAt(2, 4));
    general.mute = true;
    const asked = waiting.confirm();
    await settle();
    general.place("me", transferred(6, "skin"));
    await expect(asked).rejects.toMatchObject({ code: "room_closed" });
  });

  test("is followed to where the place ended, if it was seen to go there", async () => {
    const { general, skin, waiting } = await joined({ place: placeAt(5, 1) });
    skin.places.set("me", { ...noPlace, seq: 9, ended: { how: "noShow", at: 9_000 } });
    general.place("me", transferred(6, "skin"));
    await settle();
    expect(waiting.id).toBe("skin");
    expect(waiting.snapshot.place).toMatchObject({ status: "none", ended: { how: "noShow" } });
  });

  test("while the page was closed is found, over several queues", async () => {
    const { skin, queues, clock, waiting, moves } = fixture({ place: transferred(6, "skin") });
    const eyes = new StubQueue("Eyes");
    queues.set("eyes", eyes);
    skin.places.set("me", transferred(3, "eyes"));
    eyes.places.set("me", placeAt(2, 4));
    await clock.advance(100);
    expect(waiting.snapshot).toMatchObject({ status: "live", queue: { id: "eyes" }, place: { place: 4 } });
    expect(moves).toEqual(["eyes"]);
  });

  test("that is long over does not keep anyone from the queue they asked for", async () => {
    const { general, skin, clock, waiting, moves } = fixture({ place: transferred(6, "skin") });
    skin.places.set("me", { ...noPlace, seq: 9, ended: { how: "left", at: 9_000 } });
    await clock.advance(100);
    expect(waiting.snapshot).toMatchObject({
      status: "live",
      queue: { id: "general" },
      place: { status: "none", ended: { how: "transferred" } },
    });
    expect(moves).toEqual([]);
    general.cut();
    await clock.advance(1_000);
    expect(waiting.snapshot.status).toBe("live");
    expect(skin.joins).toBe(1);
    // A place that is taken here from now on is followed again.
    skin.places.set("me", placeAt(12, 1));
    general.place("me", placeAt(10, 1));
    general.place("me", transferred(11, "skin", 12_000));
    await settle();
    expect(waiting.id).toBe("skin");
  });
});

test("queues that name each other are not gone round for ever", async () => {
  const { general, skin, clock, waiting } = fixture({ place: transferred(6, "skin") });
  skin.places.set("me", transferred(7, "general", 6_000));
  await clock.advance(1_000);
  expect(waiting.snapshot).toMatchObject({
    status: "live",
    queue: { id: "general" },
    place: { status: "none" },
  });
  expect([general.joins, skin.joins]).toEqual([2, 1]);
});

test("a queue that may not be entered says why, for good", async () => {
  const { clock, waiting, closings } = fixture({ refused: rejection("forbidden") });
  await clock.advance(60_000);
  expect(waiting.snapshot).toMatchObject({ status: "closed", reason: { code: "forbidden" } });
  expect(closings).toEqual([rejection("forbidden")]);
  await expect(waiting.join({ reason: "" })).rejects.toMatchObject({ code: "forbidden" });
});

test("a session that ends takes the queue with it", async () => {
  const { general, waiting } = await joined();
  general.cut(closeCodes.sessionEnded);
  await settle();
  expect(waiting.snapshot).toMatchObject({ status: "closed", reason: { code: "session_ended" } });
});
