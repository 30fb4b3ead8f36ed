import { describe, expect, test } from "vitest";
import { rejection } from "../../../core/domain/errors.ts";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { entryState, StubQueue } from "../testing/stub-queue.ts";
import { LiveBoard } from "./live-board.ts";
import type { BoardSnapshot } from "./types.ts";

function fixture(entries: readonly (readonly [id: string, rank: string])[] = []) {
  const room = new StubQueue();
  const clock = new ManualClock();
  room.staff.set("me", "Dr. Me");
  for (const [id, rank] of entries) room.entries.set(id, entryState(id, rank));
  const board = new LiveBoard({
    id: "general",
    me: "me",
    open: room.open("me"),
    clock,
    hints: () => () => undefined,
    closed: () => undefined,
  });
  const pictures: BoardSnapshot[] = [];
  board.on("change", (picture) => pictures.push(picture));
  return { room, clock, board, pictures };
}

async function joined(entries: readonly (readonly [id: string, rank: string])[] = []) {
  const all = fixture(entries);
  await settle();
  expect(all.board.snapshot.status).toBe("live");
  return all;
}

test("a board shows the queue, its staff and its entries in the order of their ranks", async () => {
  const { board } = await joined([
    ["c", "b5"],
    ["a", "Zz"],
    ["b", "b"],
  ]);
  const { entries, me, queue, staff } = board.snapshot;
  expect(entries.map(({ id, place }) => [id, place])).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", 3],
  ]);
  expect(entries[0]).toMatchObject({ language: null, by: null, offlineSince: null, visit: null });
  expect({ me, staff, title: queue?.title }).toEqual({ me: "me", staff: { me: "Dr. Me" }, title: "General" });
});

test("one patch is one picture, and none where nothing shown is different", async () => {
  const { room, pictures } = await joined([["a", "a"]]);
  const before = pictures.length;
  room.entries.set("a", { ...entryState("a", "a"), status: "called", by: "me", byName: "Me", since: 7 });
  room.state.title = "Other";
  room.show();
  room.show();
  expect(pictures.length).toBe(before + 1);
  expect(pictures.at(-1)).toMatchObject({
    queue: { title: "Other" },
    entries: [{ status: "called", by: { person: "me", name: "Me", at: 7 } }],
  });
});

test("a lost connection keeps the picture, and entries that are as they were stay the same objects", async () => {
  const { room, clock, board } = await joined([
    ["a", "a"],
    ["b", "b"],
  ]);
  const { entries } = board.snapshot;
  room.cut();
  await settle();
  expect(board.snapshot).toMatchObject({ status: "recovering" });
  expect(board.snapshot.entries).toBe(entries);
  room.entries.set("b", { ...entryState("b", "b"), longWait: true });
  await clock.advance(1_000);
  expect(board.snapshot.status).toBe("live");
  expect(board.snapshot.entries[0]).toBe(entries[0]);
  expect(board.snapshot.entries[1]).toMatchObject({ longWait: true });
});

test("a queue that moves is followed: nothing flickers, and what is asked goes on", async () => {
  const { room, board, pictures } = await joined([
    ["a", "a"],
    ["b", "b"],
  ]);
  const { entries, staff } = board.snapshot;
  const before = pictures.length;
  room.mute = true;
  const asked = board.call("a");
  await settle();
  room.mute = false;
  room.move();
  await settle();
  await asked;
  expect(room.commands).toHaveLength(2);
  expect(room.commands[0]).toEqual(room.commands[1]);
  expect(pictures.length).toBe(before);
  expect(board.snapshot.entries).toBe(entries);
  expect(board.snapshot.staff).toBe(staff);
  const changed = { ...entryState("b", "b"), longWait: true };
  room.entries.set("b", changed);
  room.show(new Set([changed]));
  expect(board.snapshot.entries[0]).toBe(entries[0]);
  expect(board.snapshot.entries[1]).toMatchObject({ longWait: true });
  expect({ joins: room.joins, seated: room.seated }).toEqual({ joins: 1, seated: 1 });
});

test("what changed while a queue moved is in one picture", async () => {
  const { room, board, pictures } = await joined([
    ["a", "a"],
    ["b", "b"],
  ]);
  const [first] = board.snapshot.entries;
  const before = pictures.length;
  room.keptSeats = "blank";
  room.move();
  await settle();
  room.entries.set("b", { ...entryState("b", "b"), longWait: true });
  room.show();
  await settle();
  expect(pictures.length).toBe(before + 1);
  expect(pictures.at(-1)).toMatchObject({
    status: "live",
    entries: [{ id: "a" }, { id: "b", longWait: true }],
  });
  expect(board.snapshot.entries[0]).toBe(first);
});

test("whoever does not run the queue sees no one", async () => {
  const { room, clock, board } = fixture([["a", "a"]]);
  room.staff.clear();
  await clock.advance(100);
  expect(board.snapshot).toMatchObject({
    status: "live",
    entries: [],
    staff: {},
    queue: { title: "General" },
  });
});

describe("what staff ask", () => {
  test("names its entry and what belongs to it", async () => {
    const { room, board } = await joined();
    await board.call("a");
    await board.admit("a", { clinician: "x" });
    await board.move("a", null, "pain");
    await board.notify("all");
    await board.notify("one", "a");
    await board.suspend({ notice: "Break." });
    const sent = room.commands.map(({ name, payload }) => [name, payload]);
    const id = expect.any(String);
    expect(sent).toEqual([
      ["queue.call", { id, entry: "a" }],
      ["queue.admit", { id, entry: "a", clinician: "x" }],
      ["queue.move", { id, entry: "a", before: null, reason: "pain" }],
      ["queue.notify", { id, body: "all" }],
      ["queue.notify", { id, body: "one", entry: "a" }],
      ["queue.suspend", { id, notice: "Break." }],
    ]);
    expect(new Set(room.journal.map((done) => done.id)).size).toBe(6);
  });

  test("goes again under the same id after a lost connection", async () => {
    const { room, clock, board } = await joined();
    room.mute = true;
    const asked = [board.call("a"), board.hold("b")];
    await settle();
    room.mute = false;
    room.cut();
    await clock.advance(1_000);
    await Promise.all(asked);
    expect(room.commands[0]).toEqual(room.commands[1]);
    expect(room.journal.map(({ name }) => name)).toEqual(["queue.call", "queue.hold"]);
  });

  test("is refused with the name of whoever was faster", async () => {
    const { room, board } = await joined();
    const first = { person: "other", name: "Dr. Other", at: 42 };
    room.refuses = () => ({ ...rejection("entry_taken"), first });
    await expect(board.call("a")).rejects.toMatchObject({ code: "entry_taken", first });
    await expect(board.call("a").catch((error) => error.toRejection())).resolves.toMatchObject({ first });
  });

  test("and only reads is asked again as well", async () => {
    const { room, clock, board } = await joined([["a", "a"]]);
    room.mute = true;
    const metrics = board.metrics();
    await settle();
    room.mute = false;
    room.cut();
    await clock.advance(1_000);
    expect(await metrics).toEqual({ waitingNow: 1 });
  });
});
