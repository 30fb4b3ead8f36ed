import { describe, expect, it } from "vitest";
import { minute, morning } from "../testing/played-room.ts";
import { openingHoursOf } from "./testing/hours.ts";
import { anna, desk, ito } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

const hour = 60 * minute;
/** Monday to Friday, 09:00 to 17:00 in Tokyo. */
const hours = openingHoursOf("09:00", "17:00");
/** From Monday 09:00. */
const at = (days: number, o_clock: number) => morning + (days * 24 + o_clock - 9) * hour;

describe("a queue's opening", () => {
  it("is made once, open unless its hours say otherwise", () => {
    const queue = new PlayedQueue();
    expect(queue.state).toMatchObject({ created: true, opening: "open", nextHours: null });
    const again = { name: "queue.create", settings: queue.state.settings, staff: [] } as const;
    expect(queue.ask(desk, again)).toBe("already_exists");
    const kept = new PlayedQueue({ hours });
    expect(kept.state).toMatchObject({ opening: "open", nextHours: at(0, 17) });
    const late = new PlayedQueue({ hours: openingHoursOf("10:00", "17:00") });
    expect(late.state).toMatchObject({ opening: "closed", nextHours: at(0, 10) });
  });

  it("refuses hours that cannot be used, and anything of a queue that is not there", () => {
    const queue = new PlayedQueue();
    const bad = openingHoursOf("17:00", "09:00");
    expect(queue.ask(desk, { name: "queue.configure", settings: { hours: bad } })).toBe("hours_invalid");
    expect(queue.state.settings.hours).toBeNull();
    const none = new PlayedQueue({ hours: bad });
    expect(none.state.created).toBe(false);
    expect(none.ask(desk, { name: "queue.open" })).toBe("room_not_found");
    expect(none.ask(anna, { name: "queue.leave" })).toBe("room_not_found");
    expect(none.room.journal).toEqual([]);
  });

  it("follows the hours, also over a night", () => {
    const queue = new PlayedQueue({ hours });
    expect(queue.pass(8 * hour)).toEqual(["closed"]);
    expect(queue.state).toMatchObject({ opening: "closed", nextHours: at(1, 9), clearAt: at(0, 19) });
    expect(queue.pass(16 * hour)).toEqual(["closed", "opened"]);
    expect(queue.state).toMatchObject({ opening: "open", nextHours: at(1, 17), clearAt: null });
    queue.now = at(4, 16);
    queue.pass(0, "late");
    expect(queue.state).toMatchObject({ opening: "open", nextHours: at(4, 17) });
    queue.pass(2 * hour);
    expect(queue.state.nextHours).toBe(at(7, 9));
  });

  it("is where the hours say when it wakes very late, whatever it has slept through", () => {
    const queue = new PlayedQueue({ hours });
    queue.join(anna);
    // Closed by hand before its hours are over: both then fall due while nobody is there.
    queue.now = at(0, 16);
    queue.pass(0);
    queue.ask(desk, { name: "queue.close" });
    expect(queue.state).toMatchObject({ nextHours: at(0, 17), clearAt: at(0, 18) });
    queue.pass(at(0, 20) - queue.now, "late");
    expect(queue.state).toMatchObject({ opening: "closed", nextHours: at(1, 9), clearAt: null });
    expect(queue.line).toEqual([]);
    queue.pass(at(1, 9) - queue.now);
    expect(queue.state.opening).toBe("open");
    expect(queue.room.faults).toEqual([]);
  });

  it("clears at the time that was told, also when the hours close what is closed already", () => {
    const queue = new PlayedQueue({ hours });
    queue.join(anna);
    queue.now = at(0, 16);
    queue.pass(0);
    queue.ask(desk, { name: "queue.close" });
    queue.pass(hour);
    expect(queue.state).toMatchObject({ opening: "closed", nextHours: at(1, 9), clearAt: at(0, 18) });
    expect(queue.pass(hour)).toEqual(["left", "closed"]);
  });

  it("opens and closes by hand between the hours", () => {
    const queue = new PlayedQueue({ hours });
    queue.now = at(0, 12);
    expect(queue.ask(desk, { name: "queue.open" })).toBe("nothing");
    expect(queue.ask(desk, { name: "queue.close" })).toBe("closed");
    expect(queue.ask(desk, { name: "queue.close" })).toBe("nothing");
    expect(queue.ask(desk, { name: "queue.open" })).toBe("opened");
    expect(queue.state).toMatchObject({ opening: "open", nextHours: at(0, 17), clearAt: null });
  });

  it("is paused with a word, for a time or until somebody opens it", () => {
    const queue = new PlayedQueue();
    const suspend = (until: number | null, notice = "") =>
      queue.ask(ito, { name: "queue.suspend", until, notice });
    expect(suspend(queue.now)).toBe("invalid_payload");
    expect(suspend(queue.now - 1)).toBe("invalid_payload");
    expect(suspend(queue.now + hour, "An emergency")).toBe("suspended");
    expect(queue.state.suspended).toEqual({ until: queue.now + hour, notice: "An emergency" });
    expect(suspend(null, "Longer than thought")).toBe("suspended");
    expect(queue.pass(10 * hour)).toEqual([]);
    expect(queue.state.suspended).toEqual({ until: null, notice: "Longer than thought" });
    expect(queue.ask(ito, { name: "queue.open" })).toBe("opened");
    queue.ask(ito, { name: "queue.close" });
    expect(suspend(null)).toBe("queue_closed");
  });

  it("stays paused while the hours say open, and closes when they say closed", () => {
    const queue = new PlayedQueue({ hours: openingHoursOf("09:00", "12:00", "13:00", "17:00") });
    queue.ask(ito, { name: "queue.suspend", until: at(0, 14), notice: "" });
    expect(queue.pass(3 * hour)).toEqual(["closed"]);
    expect(queue.pass(hour)).toEqual(["opened"]);
    queue.ask(ito, { name: "queue.suspend", until: null, notice: "" });
    queue.ask(desk, { name: "queue.configure", settings: { hours: openingHoursOf("14:00", "17:00") } });
    expect(queue.state).toMatchObject({ opening: "suspended", nextHours: at(0, 14) });
    expect(queue.pass(hour)).toEqual(["configured"]);
    expect(queue.state).toMatchObject({ opening: "suspended", nextHours: at(0, 17) });
    expect(queue.pass(3 * hour)).toEqual(["closed"]);
    expect(queue.state.suspended).toBeNull();
  });

  it("takes new hours at once", () => {
    const queue = new PlayedQueue({ hours });
    const set = (from: string, to: string) =>
      queue.ask(desk, { name: "queue.configure", settings: { hours: openingHoursOf(from, to) } });
    expect(set("10:00", "17:00")).toBe("configured closed");
    expect(set("10:30", "17:00")).toBe("configured");
    expect(set("08:00", "17:00")).toBe("configured opened");
    expect(queue.ask(desk, { name: "queue.configure", settings: { hours: null } })).toBe("configured");
    expect(queue.state).toMatchObject({ opening: "open", nextHours: null });
    expect(queue.room.due).toBeNull();
  });
});
