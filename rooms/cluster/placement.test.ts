import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RoomRef, roomKey } from "../../core/domain/room.ts";
import type { ProcessRow } from "../../core/platform/repositories/processes.ts";
import { choose, planRebalance } from "./placement.ts";

const limit = { maxSilentMs: 5_000 };

function row(id: string, told: Partial<ProcessRow> = {}): ProcessRow {
  const nothing = { startedAt: 0, silentMs: 0, draining: false, rooms: 0, people: 0, load: 0 };
  return { id, address: "localhost", version: "1", ...nothing, ...told };
}

const rows = fc
  .array(
    fc.record({
      rooms: fc.nat(200),
      load: fc.double({ min: 0, max: 1, noNaN: true }),
      draining: fc.boolean(),
      silentMs: fc.constantFrom(0, 4_999, 5_000, 5_001, 60_000),
    }),
    { maxLength: 8 },
  )
  .map((list) => list.map((told, i) => row(`p${i}`, told)));

const mayTake = ({ draining, silentMs }: ProcessRow) => !draining && silentMs <= limit.maxSilentMs;

describe("where a room wakes", () => {
  it("has the fewest rooms", () => {
    expect(choose([row("a", { rooms: 3 }), row("b", { rooms: 1 }), row("c", { rooms: 2 })])?.id).toBe("b");
    expect(choose([row("a", { rooms: 1 }), row("b")])?.id).toBe("b");
  });

  it("counts a busy process's rooms for more", () => {
    expect(choose([row("a", { rooms: 100, load: 0.9 }), row("b", { rooms: 150, load: 0.1 })])?.id).toBe("b");
    expect(choose([row("a", { rooms: 100, load: 0.2 }), row("b", { rooms: 150, load: 0.1 })])?.id).toBe("a");
  });

  it("is never draining, silent or the one left out; null where none is left", () => {
    fc.assert(
      fc.property(rows, fc.string(), fc.nat(7), (processes, seed, i) => {
        const except = `p${i}`;
        const found = choose(processes, { seed, except, ...limit });
        const takers = processes.filter((one) => mayTake(one) && one.id !== except);
        expect(found === null).toBe(takers.length === 0);
        if (found) expect(takers).toContain(found);
      }),
    );
  });

  it("costs at most a tenth more than the cheapest, by rooms and load", () => {
    const cost = ({ rooms, load }: ProcessRow) => (rooms + 1) / (1 - Math.min(load, 0.9));
    fc.assert(
      fc.property(rows, fc.string(), (processes, seed) => {
        const found = choose(processes, { seed, ...limit });
        const costs = processes.filter(mayTake).map(cost);
        if (found) expect(cost(found)).toBeLessThanOrEqual(Math.min(...costs) * 1.1);
      }),
    );
  });

  it("is the same for all who choose for the same room, in whatever order they know the processes", () => {
    fc.assert(
      fc.property(rows, fc.string(), (processes, seed) => {
        const options = { seed, ...limit };
        expect(choose(processes.toReversed(), options)).toBe(choose(processes, options));
      }),
    );
  });

  it("is spread evenly over those that are about equal, for rooms that wake together", () => {
    const equal = ["a", "b", "c"].map((id, i) => row(id, { rooms: 100 + i, load: 0.3 }));
    const counts = new Map<string, number>();
    for (let i = 0; i < 900; i += 1) {
      const id = choose(equal, { seed: `chat:${i}` })?.id ?? "";
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    expect(counts.size).toBe(3);
    for (const count of counts.values()) expect(Math.abs(count - 300)).toBeLessThan(60);
  });
});

/** Processes, and as many rooms on each as it says. */
const cluster = rows.map((processes) => ({ processes, roomsOf: roomsOf(processes) }));

function roomsOf(processes: readonly ProcessRow[]): Map<string, RoomRef[]> {
  const refs = (id: string, count: number) =>
    Array.from(
      { length: count },
      (_, i): RoomRef => ({ kind: i % 3 ? "chat" : "waiting", id: `${id}-${i}` }),
    );
  return new Map(processes.map(({ id, rooms }) => [id, refs(id, rooms)]));
}

const width = (total: number, takers: number) => Math.max(1, Math.floor((0.1 * total) / takers));

describe("a rebalance", () => {
  const plan = ({ processes, roomsOf }: { processes: ProcessRow[]; roomsOf: Map<string, RoomRef[]> }) =>
    planRebalance(processes, roomsOf, limit);

  it("evens out: no two are further apart than one room, or a tenth of the average", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const takers = given.processes.filter(mayTake).map(({ id }) => id);
        fc.pre(takers.length > 0);
        const after = plan(given).processes;
        const counts = after.filter(({ id }) => takers.includes(id)).map((one) => one.after);
        const total = after.reduce((sum, one) => sum + one.rooms, 0);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(width(total, takers.length));
      }),
    );
  });

  it("does what it says: each room goes once, from where it is, to one that takes it; the counts come true", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const { processes, moves } = plan(given);
        const placed = new Map(
          [...given.roomsOf].flatMap(([id, rooms]) => rooms.map((room) => [roomKey(room), id] as const)),
        );
        for (const { from, to, ...room } of moves) {
          expect(placed.get(roomKey(room))).toBe(from);
          expect(given.processes.filter(mayTake).map(({ id }) => id)).toContain(to);
          placed.set(roomKey(room), to);
        }
        expect(new Set(moves.map(roomKey)).size).toBe(moves.length);
        for (const { id, rooms, after } of processes) {
          expect(rooms).toBe(given.roomsOf.get(id)?.length);
          expect([...placed.values()].filter((one) => one === id)).toHaveLength(after);
        }
      }),
    );
  });

  it("empties those that drain, and leaves those that are silent alone", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const { processes, moves } = plan(given);
        const silent = given.processes
          .filter(({ silentMs }) => silentMs > limit.maxSilentMs)
          .map(({ id }) => id);
        for (const { from, to } of moves) for (const id of [from, to]) expect(silent).not.toContain(id);
        expect(processes.map(({ id }) => id).filter((id) => silent.includes(id))).toEqual([]);
        if (!given.processes.some(mayTake)) {
          expect(moves).toEqual([]);
          return;
        }
        for (const { id, draining } of given.processes)
          if (draining) expect(processes.find((one) => one.id === id)?.after ?? 0).toBe(0);
      }),
    );
  });

  it("moves as few as can be", () => {
    const small = fc.array(fc.record({ rooms: fc.nat(14), draining: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(small, (list) => {
        const processes = list.map((told, i) => row(`p${i}`, told));
        fc.pre(processes.some(mayTake));
        const { moves } = plan({ processes, roomsOf: roomsOf(processes) });
        expect(moves).toHaveLength(fewestMoves(processes));
      }),
    );
    const many = ["a", "b", "c"].map((id, i) => row(id, { rooms: [1_000, 950, 400][i] ?? 0 }));
    expect(plan({ processes: many, roomsOf: roomsOf(many) }).moves).toHaveLength(332);
  });

  it("is settled: carried out, it leaves nothing to do", () => {
    fc.assert(
      fc.property(cluster, (given) => {
        const done = new Map(plan(given).processes.map(({ id, after }) => [id, after]));
        const after = given.processes.map((one) => ({ ...one, rooms: done.get(one.id) ?? one.rooms }));
        expect(plan({ processes: after, roomsOf: roomsOf(after) }).moves).toEqual([]);
      }),
    );
  });

  it("is the same for the same cluster, in whatever order it is told", () => {
    fc.assert(
      fc.property(cluster, ({ processes, roomsOf }) => {
        const turned = new Map([...roomsOf].reverse().map(([id, rooms]) => [id, rooms.toReversed()]));
        expect(plan({ processes: processes.toReversed(), roomsOf: turned })).toEqual(
          plan({ processes, roomsOf }),
        );
      }),
    );
  });

  it("takes from and gives to all in turn, so that its first moves are already even", () => {
    const processes = [row("a", { rooms: 6 }), row("b", { rooms: 6 }), row("c"), row("d")];
    const { moves } = plan({ processes, roomsOf: roomsOf(processes) });
    const way = moves.map(({ from, to }) => `${from}→${to}`);
    expect(way).toEqual(["a→c", "b→d", "a→c", "b→d", "a→c", "b→d"]);
  });
});

/** By trying every way to have the rooms. */
function fewestMoves(processes: readonly ProcessRow[]): number {
  const takers = processes.filter(mayTake).map(({ rooms }) => rooms);
  const total = processes.reduce((sum, { rooms }) => sum + rooms, 0);
  let fewest = Number.POSITIVE_INFINITY;
  const tryAll = (counts: readonly number[], left: number): void => {
    if (counts.length === takers.length) {
      if (left > 0 || Math.max(...counts) - Math.min(...counts) > width(total, takers.length)) return;
      const come = counts.map((count, i) => Math.max(0, count - (takers[i] ?? 0)));
      fewest = Math.min(
        fewest,
        come.reduce((sum, one) => sum + one, 0),
      );
      return;
    }
    for (let count = 0; count <= left; count += 1) tryAll([...counts, count], left - count);
  };
  tryAll([], total);
  return fewest;
}
