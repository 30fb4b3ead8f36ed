import { describe, expect, it } from "vitest";
import { minute } from "../testing/played-room.ts";
import { measureQueue, waitsOf } from "./metrics.ts";
import { abe, anna, ben, chie, desk, engine, ito, person } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

function admit(queue: PlayedQueue, entry: string, n: number): void {
  queue.ask(ito, { name: "queue.admit", entry, transfer: `t${n}`, visit: `v${n}`, clinician: null });
  const command = queue.room.errands[0]?.settle({ ok: true });
  if (command) queue.room.ask(engine, command, queue.now, command.name);
}

function serve(queue: PlayedQueue, n: number, ms: number | null): void {
  const about = { transfer: `t${n}`, visit: `v${n}`, patient: `p${n}`, clinician: "ito", ms };
  queue.ask(engine, { name: "queue.served", ...about });
}

describe("a queue's figures", () => {
  it("are all nothing of an empty one", () => {
    expect(measureQueue(new PlayedQueue().state, 0)).toEqual({
      waitingNow: 0,
      longestWaitSeconds: null,
      onDuty: 0,
      service: { visits: 0, medianSeconds: null, p90Seconds: null },
      joined: 0,
      admitted: 0,
      abandoned: 0,
      abandonment: null,
      averageWaitSeconds: null,
    });
  });

  it("count who came, who was seen and who gave up, and how long they waited", () => {
    const queue = new PlayedQueue();
    queue.ask(ito, { name: "queue.duty", status: "available" });
    queue.ask(abe, { name: "queue.duty", status: "away" });
    queue.ask(desk, { name: "queue.duty", status: "available" });
    const [a, b] = [queue.join(anna), queue.join(ben)];
    queue.join(chie);
    queue.now += 10 * minute;
    admit(queue, a, 1);
    queue.now += 20 * minute;
    admit(queue, b, 2);
    queue.ask(chie, { name: "queue.leave" });
    queue.join(person("dai", "patient"));
    queue.now += minute;
    expect(measureQueue(queue.state, queue.now)).toMatchObject({
      waitingNow: 1,
      longestWaitSeconds: 60,
      onDuty: 1,
      joined: 4,
      admitted: 2,
      abandoned: 1,
      abandonment: 1 / 3,
      averageWaitSeconds: 20 * 60,
    });
    // A clock behind the room's makes no wait below nothing.
    expect(measureQueue(queue.state, queue.now - 60 * minute).longestWaitSeconds).toBe(0);
    expect(measureQueue(queue.state, queue.now + 25 * 60 * minute)).toMatchObject({ joined: 0, admitted: 0 });
  });

  it("know the last visits' lengths, and leave out those that never began", () => {
    const queue = new PlayedQueue();
    for (let i = 1; i <= 60; i += 1) serve(queue, i, i * 1_000);
    serve(queue, 61, null);
    // Of 11 to 60 seconds.
    expect(measureQueue(queue.state, queue.now).service).toEqual({
      visits: 50,
      medianSeconds: 36,
      p90Seconds: 56,
    });
  });

  it("estimate no wait while nobody sees patients", () => {
    const queue = new PlayedQueue({ expectedMinutes: 10 });
    expect(waitsOf(queue.state, queue.now)(0)).toBeNull();
    queue.ask(ito, { name: "queue.duty", status: "available" });
    expect(waitsOf(queue.state, queue.now)(0)).toBe(0);
    expect(waitsOf(queue.state, queue.now)(1)).toBe(10 * minute);
    admit(queue, queue.join(anna), 1);
    queue.now += 4 * minute;
    expect(waitsOf(queue.state, queue.now)(0)).toBe(6 * minute);
    queue.ask(desk, { name: "queue.suspend", until: null, notice: "" });
    expect(waitsOf(queue.state, queue.now)(0)).toBeNull();
  });
});
