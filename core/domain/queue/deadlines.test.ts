import { describe, expect, it } from "vitest";
import type { Principal } from "../principal.ts";
import { minute } from "../testing/played-room.ts";
import { allDeadlines, queueDeadlineKeys } from "./deadlines.ts";
import type { QueueState } from "./state.ts";
import { abe, anna, ben, chie, desk, engine, ito, person } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

const hour = 60 * minute;
const offline = (queue: PlayedQueue, patient: Principal) =>
  queue.ask(engine, { name: "queue.presence", person: patient.id, online: false });

/** What is due according to every entry, and what the queue keeps of it. */
function deadlines(state: QueueState) {
  const said = [...allDeadlines(state), ...queueDeadlineKeys(state)].sort(([a], [b]) => (a < b ? -1 : 1));
  return { said, kept: [...state.deadlines] };
}

describe("a queue by itself", () => {
  it("takes an unanswered call back, to where the patient was", () => {
    const queue = new PlayedQueue({ callSeconds: 120 });
    queue.join(anna);
    const entry = queue.join(ben);
    queue.ask(ito, { name: "queue.call", entry });
    expect(queue.room.due).toMatchObject({ at: queue.now + 2 * minute, command: { kind: "unanswered" } });
    expect(queue.pass(2 * minute)).toEqual(["unanswered"]);
    expect(queue.entry(ben)).toMatchObject({ status: "waiting", call: null, missed: 1, missedAt: queue.now });
    expect(queue.line).toEqual(["anna", "ben"]);
  });

  it("takes for a no-show whom nobody has heard of since a first unanswered call", () => {
    const queue = new PlayedQueue({ callSeconds: 120, noShowSeconds: 900 });
    const entry = queue.join(anna);
    queue.ask(ito, { name: "queue.call", entry });
    queue.pass(2 * minute);
    queue.pass(10 * minute);
    queue.ask(ito, { name: "queue.call", entry });
    queue.pass(2 * minute);
    expect(queue.entry(anna)).toMatchObject({ missed: 2, missedAt: queue.now - 12 * minute });
    expect(queue.pass(3 * minute - 1)).toEqual([]);
    expect(queue.pass(1)).toEqual(["left"]);
    expect(queue.state.departed.at(-1)).toMatchObject({ how: "noShow", by: null });
  });

  it("counts every sign of the patient", () => {
    const signs = [
      (queue: PlayedQueue) => queue.ask(anna, { name: "queue.checkIn", checkIn: { location: "here" } }),
      (queue: PlayedQueue) => {
        offline(queue, anna);
        return queue.ask(engine, { name: "queue.presence", person: "anna", online: true });
      },
      (queue: PlayedQueue, entry: string) => {
        queue.ask(ito, { name: "queue.call", entry });
        queue.ask(anna, { name: "queue.confirm" });
        return queue.ask(ito, { name: "queue.resume", entry });
      },
    ];
    for (const sign of signs) {
      const queue = new PlayedQueue();
      const entry = queue.join(anna);
      queue.ask(ito, { name: "queue.call", entry });
      queue.pass(2 * minute);
      sign(queue, entry);
      expect(queue.entry(anna)?.missedAt).toBeNull();
      expect(queue.pass(30 * minute)).toEqual([]);
      expect(queue.line).toEqual(["anna"]);
    }
  });

  it("ends a hold, and marks a long wait once", () => {
    const queue = new PlayedQueue({ holdSeconds: 1_800, longWaitSeconds: 3_600 });
    const entry = queue.join(anna);
    queue.pass(45 * minute);
    queue.ask(ito, { name: "queue.hold", entry });
    expect(queue.pass(15 * minute)).toEqual(["longWait"]);
    expect(queue.entry(anna)).toMatchObject({ longWait: true, status: "held" });
    expect(queue.pass(15 * minute)).toEqual(["resumed"]);
    expect(queue.pass(5 * hour)).toEqual([]);
  });

  it("goes on from a pause at its time, and stays closed where it was closed meanwhile", () => {
    const queue = new PlayedQueue();
    queue.ask(desk, { name: "queue.suspend", until: queue.now + hour, notice: "Lunch" });
    expect(queue.pass(hour)).toEqual(["opened"]);
    expect(queue.state).toMatchObject({ opening: "open", suspended: null });
    queue.ask(desk, { name: "queue.suspend", until: queue.now + hour, notice: "" });
    queue.ask(desk, { name: "queue.close" });
    queue.pass(10 * hour);
    expect(queue.state.opening).toBe("closed");
  });

  it("releases whoever still waits long after closing, each once", () => {
    const queue = new PlayedQueue({ clearSeconds: 7_200 });
    for (const patient of [anna, ben, chie]) queue.join(patient);
    queue.ask(desk, { name: "queue.close" });
    const done = queue.pass(2 * hour);
    expect(done.filter((type) => type === "left")).toHaveLength(3);
    expect(queue.line).toEqual([]);
    expect(queue.state.departed.map(({ how }) => how)).toEqual(["closed", "closed", "closed"]);
    expect(queue.state.tallies.reduce((sum, { abandoned }) => sum + abandoned, 0)).toBe(3);
    expect(queue.room.due).toBeNull();
  });

  it("counts nobody twice who was to go for two reasons at one late moment", () => {
    const queue = new PlayedQueue({ clearSeconds: 7_200 });
    queue.join(anna);
    queue.join(ben);
    offline(queue, anna);
    queue.ask(desk, { name: "queue.close" });
    expect(queue.pass(2 * minute)).toEqual(["wentAway"]);
    const done = queue.pass(10 * hour, "late");
    expect(done.filter((type) => type === "left")).toHaveLength(2);
    expect(queue.state.departed.map(({ how }) => how)).toEqual(["released", "closed"]);
    expect(queue.state.tallies.reduce((sum, { abandoned }) => sum + abandoned, 0)).toBe(2);
  });

  it("does everything that has come due while it slept, in order and once", () => {
    const queue = new PlayedQueue({ graceSeconds: 60, awaySeconds: 600, callSeconds: 120 });
    const entry = queue.join(anna);
    queue.join(ben);
    queue.ask(ito, { name: "queue.call", entry });
    offline(queue, ben);
    expect(queue.pass(hour, "late")).toEqual(["wentAway", "unanswered", "longWait", "longWait"]);
    expect(queue.entry(ben)).toMatchObject({ status: "away", awaySince: queue.now });
    expect(queue.fire()).toEqual(["left"]);
  });

  it("meets many deadlines of one moment, some at a time, each once", () => {
    const queue = new PlayedQueue();
    const all = Array.from({ length: 450 }, (_, i) => person(`p${i}`, "patient"));
    for (const patient of all) queue.join(patient);
    queue.now += minute;
    queue.ask(engine, { name: "queue.wake" });
    queue.now += 2 * minute;
    const batches: number[] = [];
    while (queue.room.due && queue.room.due.at <= queue.now) batches.push(queue.fire().length);
    expect(batches).toEqual([200, 200, 50]);
    expect([...queue.state.entries.values()].every(({ status }) => status === "away")).toBe(true);
    expect(queue.room.faults).toEqual([]);
  });

  it("reckons anew when the settings change", () => {
    const queue = new PlayedQueue({ callSeconds: 120, longWaitSeconds: 3_600 });
    const entry = queue.join(anna);
    queue.join(ben);
    queue.ask(ito, { name: "queue.call", entry });
    queue.now += minute;
    queue.ask(desk, { name: "queue.configure", settings: { callSeconds: 30, longWaitSeconds: 60 } });
    const { said, kept } = deadlines(queue.state);
    expect(kept).toEqual(said);
    expect(queue.pass(0)).toEqual(["unanswered", "longWait", "longWait"]);
  });

  it("lets a late deadline come too late, where somebody was faster", () => {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    queue.ask(ito, { name: "queue.call", entry });
    const { due } = queue.room;
    queue.now += 2 * minute + 1;
    expect(queue.ask(anna, { name: "queue.confirm" })).toBe("confirmed");
    const answer = due && queue.room.ask(engine, due.command, queue.now, "");
    expect(answer).toEqual({ ok: true, events: [] });
    expect(queue.entry(anna)?.status).toBe("confirmed");
  });
});

describe("a clock that is set back by an hour", () => {
  /** The timer, which counts by itself, runs out while the room's time stands still. */
  function stopped() {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    queue.join(ben);
    queue.now -= hour;
    return { queue, entry, at: queue.now + hour };
  }

  it("lets every call come back, also several that are due at the very same moment", () => {
    const { queue, entry, at } = stopped();
    for (let i = 1; i <= 3; i += 1) {
      expect(queue.ask(ito, { name: "queue.call", entry })).toBe("called");
      expect(queue.room.due?.at).toBe(at + 2 * minute);
      expect(queue.fire()).toEqual(["unanswered"]);
      expect(queue.entry(anna)?.missed).toBe(i);
    }
    expect(queue.room.faults).toEqual([]);
  });

  it("loses no deadline and meets none twice", () => {
    const { queue, entry, at } = stopped();
    offline(queue, ben);
    queue.ask(ito, { name: "queue.hold", entry });
    const done: string[] = [];
    for (let i = 0; i < 20 && queue.room.due; i += 1) done.push(...queue.fire());
    expect(done.toSorted()).toEqual(["left", "longWait", "resumed", "wentAway"]);
    expect(queue.room.journal.every(({ at: then }) => then === at)).toBe(true);
    expect(queue.room.faults).toEqual([]);
  });

  it("counts no wait below zero, and in no hour before the last", () => {
    const { queue, entry } = stopped();
    const press = { name: "queue.admit", entry, transfer: "t", visit: "v", clinician: null } as const;
    queue.ask(ito, press);
    const [errand] = queue.room.errands;
    const settled = errand?.settle({ ok: true });
    if (settled) queue.room.ask(engine, settled, queue.now);
    const arrive = {
      name: "queue.arrive",
      transfer: "t1",
      from: { kind: "waiting", id: "ahead" },
      entry: "e-c",
      patient: "chie",
      patientName: "CHIE",
      reason: "",
      language: null,
      needs: [],
      checkIn: null,
      priority: "normal",
      visit: null,
      by: { person: "abe", name: "ABE" },
    } as const;
    // Its old queue's clock is ahead of ours.
    queue.ask(engine, { ...arrive, waitingSince: queue.now + 5 * hour });
    expect(queue.line).toEqual(["ben", "chie"]);
    const cEntry = { ...press, entry: "e-c", transfer: "t2", visit: "v2" };
    queue.ask(abe, cEntry);
    const [second] = queue.room.errands;
    const done = second?.settle({ ok: true });
    if (done) queue.room.ask(engine, done, queue.now);
    expect(queue.state.tallies).toHaveLength(1);
    expect(queue.state.tallies[0]).toMatchObject({ joined: 3, admitted: 2, waited: 0 });
  });

  it("does not end a pause before its time has come again, unless the timer ran out", () => {
    const queue = new PlayedQueue();
    const until = queue.now + hour;
    queue.ask(desk, { name: "queue.suspend", until, notice: "" });
    queue.now -= hour;
    expect(queue.pass(hour)).toEqual([]);
    expect(queue.state.opening).toBe("suspended");
    expect(queue.fire()).toEqual(["opened"]);
    // Paused again until the same moment: that is another deadline.
    expect(queue.ask(desk, { name: "queue.suspend", until, notice: "" })).toBe("suspended");
    expect(queue.fire()).toEqual(["opened"]);
    expect(queue.room.faults).toEqual([]);
  });
});
