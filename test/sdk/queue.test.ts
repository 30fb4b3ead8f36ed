import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { colyseusRoom } from "../../client/sdk/connection/colyseus.ts";
import type { Touched } from "../../client/sdk/connection/room-port.ts";
import type { Board, PlaceMessage, Waiting } from "../../client/sdk/index.ts";
import { type Server, startServer } from "../support/server.ts";
import { clinicOf, live, until } from "./clinic.ts";

let server: Server;
const { signIn, tokenOf, openQueue } = clinicOf(() => server);

beforeAll(async () => {
  server = await startServer();
}, 90_000);
afterAll(() => server.dispose());

const placed = (waiting: Waiting, place: number) => until(waiting, (shown) => shown.place?.place === place);
const listed = (board: Board, ids: readonly string[]) =>
  until(board, ({ entries }) => entries.map(({ patient }) => patient).join() === ids.join());

/** Patients who wait in a queue of their own, in this order, and a clinician who runs it. */
async function waitingRoom(names: readonly string[], settings: object = {}) {
  const id = await openQueue(settings);
  const clinician = await signIn("clinician");
  const board = clinician.runQueue(id);
  await live(board);
  const waitings: Waiting[] = [];
  for (const name of names) {
    const waiting = (await signIn(name)).joinQueue(id);
    await live(waiting);
    await waiting.join({ reason: "Cough" });
    waitings.push(waiting);
  }
  const { entries } = await listed(board, names);
  return { id, clinician, board, waitings, entries: entries.map((entry) => entry.id) };
}

describe("the demo's queue", () => {
  test("takes a patient from the door to the visit", async () => {
    const [patient, clinician] = await Promise.all([signIn("patient"), signIn("clinician")]);
    expect(await patient.queues()).toContainEqual(expect.objectContaining({ id: "demo", staff: false }));
    expect(await clinician.queues()).toContainEqual(expect.objectContaining({ id: "demo", staff: true }));
    const [waiting, board] = [patient.joinQueue("demo"), clinician.runQueue("demo")];
    const { queue, place } = await live(waiting);
    expect(queue).toMatchObject({ opening: "open", asks: ["identity", "location", "emergencyContact"] });
    expect(place).toMatchObject({ status: "none" });

    await waiting.join({ reason: "せきが三日", language: "ja", needs: ["wheelchair"] });
    expect(await placed(waiting, 1)).toMatchObject({ place: { ahead: 0, ready: false } });
    await waiting.checkIn({ identity: true, location: "京都", emergencyContact: "090" });
    await until(waiting, (shown) => shown.place?.ready === true);
    await board.duty("available");
    const { entries, duty, staff } = await until(board, (shown) => shown.entries[0]?.ready === true);
    expect(entries).toMatchObject([
      {
        patient: "patient",
        reason: "せきが三日",
        language: "ja",
        needs: ["wheelchair"],
        place: 1,
        online: true,
        by: null,
        checkIn: { identity: "confirmed", location: "•••", emergencyContact: "•••" },
      },
    ]);
    expect(duty).toMatchObject([{ person: "clinician", status: "available" }]);
    expect(Object.keys(staff)).toContain("desk");

    const entry = entries[0]?.id ?? "";
    expect(await board.unmask(entry, ["location"], "emergency")).toEqual({ location: "京都" });
    await board.call(entry);
    const { called } = await until(waiting, (shown) => shown.called !== null);
    expect(called?.answerBy).toBeGreaterThan(called?.at ?? Number.POSITIVE_INFINITY);
    await waiting.confirm();
    expect(await until(waiting, (shown) => shown.called === null)).toMatchObject({
      place: { status: "confirmed" },
    });
    await board.admit(entry);
    const { admitted } = await until(waiting, (shown) => shown.admitted !== null);
    const { departed } = await listed(board, []);
    expect(departed).toMatchObject([{ entry, how: "admitted", to: admitted?.visit }]);
    expect(await board.metrics()).toMatchObject({ waitingNow: 0, admitted: 1 });

    const visit = patient.joinVisit(admitted?.visit ?? "");
    expect(await live(visit)).toMatchObject({ you: { role: "patient", admission: "admitted" } });
    const doctors = clinician.joinVisit(admitted?.visit ?? "");
    await live(doctors);
    await doctors.start();
    await doctors.end("completed");
    await until(visit, ({ phase }) => phase === "ended");
    expect((await until(board, (shown) => shown.duty[0]?.status === "available")).duty).toHaveLength(1);
    await board.duty("off");
  });
});

describe("a board", () => {
  test("follows every change, and leaves as they were the entries that did not", async () => {
    const { board, waitings, entries } = await waitingRoom(["patient", "patient2", "patient3"]);
    const [first = "", , third = ""] = entries;
    const before = board.snapshot.entries;
    await board.call(first);
    const { entries: after } = await until(board, (shown) => shown.entries[0]?.status === "called");
    expect(after[0]?.by).toMatchObject({ person: "clinician" });
    expect(after.slice(1)).toEqual(before.slice(1));
    for (const at of [1, 2]) expect(after[at]).toBe(before[at]);
    await board.prioritise(third, "urgent", "chest pain");
    await listed(board, ["patient3", "patient", "patient2"]);
    await board.move(third, null, "feels better");
    await listed(board, ["patient", "patient2", "patient3"]);
    await placed(waitings[2] ?? expect.fail(), 3);
    await board.remove(third, "came to the desk");
    await listed(board, ["patient", "patient2"]);
    await board.suspend({ notice: "Back at two." });
    expect(await until(board, ({ queue }) => queue?.suspended !== null)).toMatchObject({
      queue: { opening: "suspended", suspended: { until: null, notice: "Back at two." } },
    });
    await board.notify("We are sorry.");
    const { notices } = await until(waitings[0] ?? expect.fail(), (shown) => shown.notices.length > 0);
    expect(notices).toMatchObject([{ body: "We are sorry.", personal: false }]);
  });

  test("is told which entries a patch touches, and no others", async () => {
    const { id, board, entries } = await waitingRoom(["patient", "patient2"]);
    const token = await tokenOf("desk");
    const tokens = { token: async () => token, renew: async () => token };
    const touches: (readonly string[] | null)[] = [];
    const called = Promise.withResolvers<void>();
    const idsOf = (touched: Touched) =>
      [...touched].flatMap((part) =>
        typeof part === "object" && part && "rank" in part && "id" in part ? [String(part.id)] : [],
      );
    const port = await colyseusRoom(
      new Client(server.url),
      tokens,
      "waiting",
      id,
    )({
      state: ({ entries: shown }, touched) => {
        touches.push(touched ? idsOf(touched) : null);
        if (touched && shown.get(entries[1] ?? "")?.status === "called") called.resolve();
      },
      message: () => undefined,
      error: () => undefined,
      moved: () => undefined,
      heard: () => undefined,
      closed: () => undefined,
    });
    await board.call(entries[1] ?? "");
    await called.promise;
    expect(touches[0]).toBeNull();
    expect(touches.at(-1)).toEqual([entries[1]]);
    await port.leave();
  });

  test("says who was faster", async () => {
    const { id, board, entries } = await waitingRoom(["patient"]);
    const other = (await signIn("clinician2")).runQueue(id);
    await live(other);
    await board.call(entries[0] ?? "");
    await expect(other.call(entries[0] ?? "")).rejects.toMatchObject({
      name: "HugMeDoError",
      code: "entry_taken",
      first: { person: "clinician", name: expect.any(String), at: expect.any(Number) },
    });
  });

  test("shows a patient no one, and lets them do nothing", async () => {
    const { id } = await waitingRoom(["patient"]);
    const board = (await signIn("patient2")).runQueue(id);
    expect(await live(board)).toMatchObject({ entries: [], staff: {}, queue: { title: "Test" } });
    await expect(board.close()).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("a patient's place", () => {
  test("is followed to another queue, by the same object", async () => {
    const { board, waitings, entries } = await waitingRoom(["patient"]);
    const other = await openQueue({ title: "Dermatology" });
    const [waiting = expect.fail()] = waitings;
    const places: PlaceMessage[] = [];
    waiting.on("change", ({ place }) => place && places.push(place));
    await board.transfer(entries[0] ?? "", other);
    expect(await until(waiting, ({ queue }) => queue?.id === other)).toMatchObject({
      queue: { title: "Dermatology" },
      place: { entry: entries[0], place: 1 },
    });
    expect(waiting.id).toBe(other);
    expect(places.map(({ status }) => status)).not.toContain("none");
    // Whoever comes back to the old queue later is led there too.
    const elsewhere = (await signIn("patient")).joinQueue(board.id);
    expect(await live(elsewhere)).toMatchObject({ queue: { id: other }, place: { place: 1 } });
    await waiting.leave();
    await until(waiting, ({ place }) => place?.ended?.how === "left");
    // And is not, when the place has ended there.
    const again = (await signIn("patient")).joinQueue(board.id);
    expect(await live(again)).toMatchObject({ queue: { id: board.id }, place: { status: "none" } });
    await again.join({ reason: "Again" });
    await placed(again, 1);
    await listed(board, ["patient"]);
  });

  test("is one, from two devices", async () => {
    const { id, board, waitings } = await waitingRoom(["patient"]);
    const tablet = (await signIn("patient")).joinQueue(id);
    expect(await live(tablet)).toMatchObject({ place: { place: 1 } });
    await tablet.leave();
    await until(waitings[0] ?? expect.fail(), ({ place }) => place?.status === "none");
    await listed(board, []);
  });

  test("is nobody's who is no patient", async () => {
    const { id } = await waitingRoom([]);
    const desk = (await signIn("desk")).joinQueue(id);
    expect(await live(desk)).toMatchObject({ place: null });
    await expect(desk.join({ reason: "" })).rejects.toMatchObject({ code: "forbidden" });
  });
});

test("a queue that is not there is closed with the reason", async () => {
  const waiting = (await signIn("patient")).joinQueue("nowhere");
  expect(await until(waiting, ({ status }) => status === "closed")).toMatchObject({
    reason: { code: "room_not_found" },
  });
});

test("a server that is killed keeps places, and answers what was asked meanwhile once", async () => {
  const { board, waitings, entries } = await waitingRoom(["patient", "patient2"]);
  const [first = expect.fail(), second = expect.fail()] = waitings;
  await server.kill();
  await until(board, ({ status }) => status !== "live");
  const asked = [board.call(entries[0] ?? ""), second.leave()];
  await server.start();
  await Promise.all(asked);
  await until(first, ({ called }) => called !== null);
  expect(await live(first)).toMatchObject({ place: { status: "called", place: 1 } });
  expect(await until(second, ({ place }) => place?.status === "none")).toMatchObject({
    place: { ended: { how: "left" } },
  });
  expect(await listed(board, ["patient"])).toMatchObject({ entries: [{ status: "called" }] });
}, 60_000);
