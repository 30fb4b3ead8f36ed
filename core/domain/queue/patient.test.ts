import { describe, expect, it } from "vitest";
import { minute, morning } from "../testing/played-room.ts";
import { aheadOf, isReady } from "./state.ts";
import { anna, ben, chie, desk, engine, ito } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

describe("a patient in a queue", () => {
  it("joins at the end, with what they said", () => {
    const queue = new PlayedQueue();
    queue.join(anna);
    queue.now += minute;
    const join = { name: "queue.join", entry: "e-1", visit: null } as const;
    expect(queue.ask(ben, { ...join, reason: "a rash", language: "en-GB", needs: ["a wheelchair"] })).toBe(
      "joined",
    );
    expect(queue.line).toEqual(["anna", "ben"]);
    expect(queue.entry(ben)).toMatchObject({
      id: "e-1",
      patient: "ben",
      name: "BEN",
      reason: "a rash",
      language: "en-GB",
      needs: ["a wheelchair"],
      status: "waiting",
      priority: "normal",
      joinedAt: queue.now,
      waitingSince: queue.now,
      offlineSince: null,
    });
    const entry = queue.entry(ben);
    expect(entry && aheadOf(queue.state, entry)).toBe(1);
  });

  it("has one place, from however many devices they join", () => {
    const queue = new PlayedQueue();
    const first = queue.join(anna);
    queue.join(ben);
    const again = { reason: "the same, from the phone", language: null, needs: [], visit: null };
    expect(queue.ask(anna, { name: "queue.join", entry: "e-other", ...again })).toBe("nothing");
    expect(queue.line).toEqual(["anna", "ben"]);
    expect(queue.entry(anna)).toMatchObject({ id: first, reason: "a cough" });
  });

  it("does not come in while the queue is closed or paused, but keeps their place", () => {
    const queue = new PlayedQueue();
    queue.join(anna);
    const join = {
      name: "queue.join",
      entry: "e",
      reason: "",
      language: null,
      needs: [],
      visit: null,
    } as const;
    queue.ask(ito, { name: "queue.suspend", until: null, notice: "Back at ten" });
    expect(queue.refusal(ben, join)).toEqual({ code: "queue_suspended", message: "Back at ten" });
    expect(queue.ask(anna, join)).toBe("nothing");
    queue.ask(ito, { name: "queue.close" });
    expect(queue.ask(ben, join)).toBe("queue_closed");
    expect(queue.ask(anna, join)).toBe("nothing");
    expect(queue.line).toEqual(["anna"]);
  });

  it("may come again after leaving, at the end and as somebody new", () => {
    const queue = new PlayedQueue();
    const first = queue.join(anna);
    queue.join(ben);
    expect(queue.ask(anna, { name: "queue.leave" })).toBe("left");
    expect(queue.ask(anna, { name: "queue.leave" })).toBe("nothing");
    expect(queue.state.departed).toMatchObject([{ entry: first, how: "left", by: null, to: null }]);
    expect(queue.join(anna)).not.toBe(first);
    expect(queue.line).toEqual(["ben", "anna"]);
  });

  it("is ready once everything that the clinic asks for is there, and not before", () => {
    const queue = new PlayedQueue({ asks: ["identity", "location"] });
    queue.join(anna);
    const ready = () => {
      const entry = queue.entry(anna);
      return entry !== undefined && isReady(queue.state.settings, entry);
    };
    const checkIn = (given: object) => queue.ask(anna, { name: "queue.checkIn", checkIn: given });
    expect(checkIn({ identity: true })).toBe("check_in_incomplete");
    expect(queue.entry(anna)?.checkIn).toBeNull();
    expect(ready()).toBe(false);
    expect(checkIn({ identity: true, location: "at home" })).toBe("checkedIn");
    expect(ready()).toBe(true);
    expect(checkIn({ location: "at home" })).toBe("nothing");
    expect(checkIn({ emergencyContact: "my sister" })).toBe("checkedIn");
    expect(queue.entry(anna)?.checkIn).toEqual({
      identity: true,
      location: "at home",
      emergencyContact: "my sister",
    });
    expect(queue.ask(ben, { name: "queue.checkIn", checkIn: { location: "x" } })).toBe("entry_gone");
  });

  it("says that they are there when called, and only then", () => {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    expect(queue.ask(anna, { name: "queue.confirm" })).toBe("entry_not_called");
    expect(queue.ask(ben, { name: "queue.confirm" })).toBe("entry_gone");
    queue.ask(ito, { name: "queue.call", entry });
    expect(queue.ask(anna, { name: "queue.confirm" })).toBe("confirmed");
    expect(queue.ask(anna, { name: "queue.confirm" })).toBe("nothing");
    expect(queue.entry(anna)).toMatchObject({ status: "confirmed", call: { person: "ito" } });
  });

  it("may leave at any time but on the way elsewhere", () => {
    for (const status of ["called", "confirmed", "held"] as const) {
      const queue = new PlayedQueue();
      const entry = queue.join(anna);
      if (status === "held") queue.ask(ito, { name: "queue.hold", entry });
      else queue.ask(ito, { name: "queue.call", entry });
      if (status === "confirmed") queue.ask(anna, { name: "queue.confirm" });
      expect(queue.ask(anna, { name: "queue.leave" })).toBe("left");
      expect(queue.line).toEqual([]);
    }
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    queue.ask(ito, { name: "queue.transfer", entry, transfer: "t", to: "eyes", known: true });
    expect(queue.ask(anna, { name: "queue.leave" })).toBe("entry_moving");
    // The other room gets what was known when it was asked, and a repeat of that has to be the same.
    expect(queue.ask(anna, { name: "queue.checkIn", checkIn: { location: "x" } })).toBe("entry_moving");
    expect(queue.ask(anna, { name: "queue.confirm" })).toBe("nothing");
  });

  it("keeps the place for a grace time without a connection, is then away, and then released", () => {
    const queue = new PlayedQueue({ graceSeconds: 120, awaySeconds: 1_800 });
    queue.join(anna);
    queue.join(ben);
    const online = (online: boolean) => queue.ask(engine, { name: "queue.presence", person: "anna", online });
    expect(online(true)).toBe("nothing");
    expect(online(false)).toBe("wentOffline");
    expect(online(false)).toBe("nothing");
    expect(queue.pass(2 * minute - 1)).toEqual([]);
    expect(queue.pass(1)).toEqual(["wentAway"]);
    expect(queue.entry(anna)).toMatchObject({ status: "away", awaySince: queue.now });
    expect(queue.line).toEqual(["anna", "ben"]);
    expect(online(true)).toBe("cameBack");
    expect(queue.entry(anna)).toMatchObject({ status: "waiting", awaySince: null, offlineSince: null });
    expect(queue.line).toEqual(["anna", "ben"]);

    online(false);
    expect(queue.pass(32 * minute)).toEqual(["wentAway", "left"]);
    expect(queue.line).toEqual(["ben"]);
    expect(queue.state.departed.at(-1)).toMatchObject({ patient: "anna", how: "released", by: null });
    expect(online(true)).toBe("nothing");
  });

  it("is away also when they go after they confirmed", () => {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    queue.ask(ito, { name: "queue.call", entry });
    queue.ask(anna, { name: "queue.confirm" });
    queue.ask(engine, { name: "queue.presence", person: "anna", online: false });
    expect(queue.pass(2 * minute)).toEqual(["wentAway"]);
    expect(queue.entry(anna)).toMatchObject({ status: "away", call: null });
  });

  it("is disconnected, like everyone, when the room wakes elsewhere", () => {
    const queue = new PlayedQueue();
    for (const patient of [anna, ben, chie]) queue.join(patient);
    queue.ask(engine, { name: "queue.presence", person: "ben", online: false });
    queue.now += 10;
    expect(queue.ask(engine, { name: "queue.wake" })).toBe("woke");
    const since = [anna, ben, chie].map((patient) => queue.entry(patient)?.offlineSince);
    expect(since).toEqual([queue.now, morning, queue.now]);
    expect(queue.ask(engine, { name: "queue.wake" })).toBe("nothing");
    queue.ask(engine, { name: "queue.presence", person: "anna", online: true });
    expect(queue.pass(2 * minute)).toEqual(["wentAway", "wentAway"]);
    expect(queue.entry(anna)?.status).toBe("waiting");
  });

  it("hears what is told to them, and to all", () => {
    const queue = new PlayedQueue();
    const entry = queue.join(anna);
    queue.join(ben);
    expect(queue.ask(desk, { name: "queue.notify", entry, body: "Your results are here" })).toBe("notified");
    expect(queue.entry(anna)?.notice).toEqual({ body: "Your results are here", at: queue.now });
    expect(queue.entry(ben)?.notice).toBeNull();
    for (let i = 1; i <= 7; i += 1) {
      queue.ask(desk, { name: "queue.notify", entry: null, body: `Notice ${i}` });
    }
    expect(queue.state.notices.map(({ body }) => body)).toEqual([3, 4, 5, 6, 7].map((i) => `Notice ${i}`));
    expect(queue.state.notices.at(-1)).toMatchObject({ by: "desk", at: queue.now });
    expect(queue.ask(desk, { name: "queue.notify", entry: "nobody", body: "x" })).toBe("entry_not_found");
  });
});
