import { describe, expect, it } from "vitest";
import type { Command } from "../feature.ts";
import { waitingBehaviour } from "../kinds.ts";
import { OrderedMap } from "../lib/ordered-map.ts";
import { minute } from "../testing/played-room.ts";
import { withoutPerson } from "./erase.ts";
import type { QueueCarriedOn } from "./events.ts";
import { queue as feature } from "./feature.ts";
import { aheadOf, type Entry, type QueueState } from "./state.ts";
import { loadQueue, storeQueue } from "./stored.ts";
import { anna, engine, ito, person } from "./testing/people.ts";
import { PlayedQueue } from "./testing/played-queue.ts";

function long(count: number): PlayedQueue {
  const queue = new PlayedQueue();
  for (let i = 0; i < count; i += 1) {
    queue.now += 10;
    queue.join(person(`p${i}`, "patient"));
  }
  return queue;
}

const middle = (queue: PlayedQueue, share = 0.5): Entry => {
  const [, id = ""] = queue.state.order.at(Math.floor(queue.state.order.size * share)) ?? [];
  const entry = queue.state.entries.get(id);
  if (!entry) throw new Error("an empty queue");
  return entry;
};

/** Entries that are other objects than before. */
function changed(before: QueueState, after: QueueState): number {
  let count = 0;
  for (const [id, entry] of after.entries) if (before.entries.get(id) !== entry) count += 1;
  return count;
}

/** Runs `what`, and counts how many of a map's entries were gone through one by one meanwhile. */
function walked<T>(what: () => T): { readonly result: T; readonly visited: number } {
  const { entriesFrom } = OrderedMap.prototype;
  let visited = 0;
  OrderedMap.prototype.entriesFrom = function* (this: OrderedMap<unknown>, index: number) {
    for (const entry of entriesFrom.call(this, index)) {
      visited += 1;
      yield entry;
    }
  };
  try {
    return { result: what(), visited };
  } finally {
    OrderedMap.prototype.entriesFrom = entriesFrom;
  }
}

describe("a queue of 1,000", () => {
  it("keeps everyone's place, gives each their own, and comes back from a snapshot as it was", () => {
    const queue = long(1_000);
    const places = [...queue.state.entries.values()].map((entry) => aheadOf(queue.state, entry));
    expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    expect(queue.line[0]).toBe("p0");
    expect(queue.line.at(-1)).toBe("p999");
    const back = loadQueue(JSON.parse(JSON.stringify(storeQueue(queue.state))));
    for (const key of ["entries", "order", "places", "deadlines", "leaving"] as const) {
      expect([...back[key]]).toEqual([...queue.state[key]]);
    }
    expect(storeQueue(back)).toEqual(storeQueue(queue.state));
  });

  it("goes on from what is left of it when its past was erased, as it was, and without whoever was", () => {
    const queue = long(50);
    const left = withoutPerson(queue.state, "p7");
    const event: QueueCarriedOn = { type: "queue.carriedOn", queue: storeQueue(left) };
    const back = waitingBehaviour.evolve(waitingBehaviour.initial, {
      seq: 9,
      at: queue.now,
      by: "system",
      event,
    });
    for (const key of ["entries", "order", "places", "deadlines", "leaving"] as const) {
      expect([...back[key]]).toEqual([...left[key]]);
    }
    expect(storeQueue(back)).toEqual(storeQueue(left));
    expect(JSON.stringify(storeQueue(left))).not.toContain('"p7"');
    expect([...left.order.values()]).toEqual(
      [...queue.state.order.values()].filter((id) => left.entries.has(id)),
    );
    expect(left.places.has("p7")).toBe(false);
  });

  it("moves the last to the front a thousand times, and only them", () => {
    const queue = long(1_000);
    for (let i = 0; i < 1_000; i += 1) {
      const [, last = ""] = queue.state.order.last() ?? [];
      const [, first = ""] = queue.state.order.first() ?? [];
      queue.ask(ito, { name: "queue.move", entry: last, before: first, reason: "x" });
    }
    expect(queue.line).toEqual(Array.from({ length: 1_000 }, (_, i) => `p${i}`));
  });

  it("empties by itself when all have gone", () => {
    const queue = long(1_000);
    queue.now += minute;
    queue.ask(engine, { name: "queue.wake" });
    queue.pass(60 * minute);
    expect(queue.line).toEqual([]);
    expect(queue.state.deadlines.size).toBe(0);
    expect(queue.room.faults).toEqual([]);
    expect(queue.state.tallies.reduce((sum, { abandoned }) => sum + abandoned, 0)).toBe(1_000);
  });

  it("does not forget who was faster for a long while, and then says that the entry is not here", () => {
    const queue = long(600);
    const first = middle(queue, 0);
    queue.ask(ito, { name: "queue.remove", entry: first.id, reason: "x" });
    expect(queue.refusal(ito, { name: "queue.call", entry: first.id })?.first?.person).toBe("ito");
    for (const id of [...queue.state.order.values()]) {
      queue.ask(ito, { name: "queue.remove", entry: id, reason: "x" });
    }
    expect(queue.state.departed).toHaveLength(512);
    expect(queue.ask(ito, { name: "queue.call", entry: first.id })).toBe("entry_not_found");
  });
});

describe("what one change costs in a queue of 5,000", () => {
  const queue = long(5_000);
  const { id, patient } = middle(queue);
  const by = { ...anna, id: patient };
  const presses: readonly (readonly [string, () => string, number])[] = [
    ["a call", () => queue.ask(ito, { name: "queue.call", entry: id }), 1],
    ["an answer", () => queue.ask(by, { name: "queue.confirm" }), 1],
    ["a hold", () => queue.ask(ito, { name: "queue.hold", entry: id }), 1],
    ["its end", () => queue.ask(ito, { name: "queue.resume", entry: id }), 1],
    ["a connection that goes", () => queue.ask(engine, presence(patient, false)), 1],
    ["and comes back", () => queue.ask(engine, presence(patient, true)), 1],
    ["a move", () => queue.ask(ito, { name: "queue.move", entry: id, before: null, reason: "x" }), 1],
    ["a call that nobody answers", () => called(queue, id), 1],
    ["an admission's first step", () => queue.ask(ito, admit(id)), 1],
    [
      "a departure",
      () => queue.ask(ito, { name: "queue.remove", entry: middle(queue, 0.3).id, reason: "x" }),
      0,
    ],
    ["an arrival", () => joined(queue), 1],
  ];

  it.each(presses)("%s makes no other entry anew, and goes through none", (_, press, expected) => {
    const before = queue.state;
    const { result, visited } = walked(press);
    expect(result).not.toMatch(/^entry_|nothing/);
    expect(changed(before, queue.state)).toBe(expected);
    expect(visited).toBeLessThanOrEqual(2);
  });

  it("what is due next, and what is to be done elsewhere, is known without going through the entries", () => {
    const { result, visited } = walked(() => [feature.due(queue.state), feature.errands?.(queue.state)]);
    expect(result[0]).not.toBeNull();
    expect(queue.state.leaving.size).toBe(1);
    expect(visited).toBeLessThanOrEqual(2);
  });

  it("a deadline is met without going through the others", () => {
    const quiet = long(5_000);
    quiet.ask(ito, { name: "queue.call", entry: middle(quiet).id });
    const { due } = quiet.room;
    if (!due) throw new Error("nothing is due");
    const before = quiet.state;
    const command: Command = due.command;
    const { visited } = walked(() => quiet.room.ask(engine, command, due.at));
    expect(changed(before, quiet.state)).toBe(1);
    expect(visited).toBeLessThanOrEqual(2);
  });
});

const admit = (entry: string) =>
  ({ name: "queue.admit", entry, transfer: "t", visit: "v", clinician: null }) as const;
const presence = (patient: string, online: boolean) =>
  ({ name: "queue.presence", person: patient, online }) as const;

function called(queue: PlayedQueue, entry: string): string {
  queue.ask(ito, { name: "queue.call", entry });
  return queue.fire().join(" ");
}

function joined(queue: PlayedQueue): string {
  queue.join(person("late", "patient"));
  return "joined";
}
