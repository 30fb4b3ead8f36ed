import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { createLogger } from "../../core/platform/logger.ts";
import type { ProcessRow } from "../../core/platform/repositories/processes.ts";
import { type AwakeRoom, AwakeRooms } from "./awake-rooms.ts";
import type { Done, ProcessCalls } from "./bus.ts";
import { createMover } from "./mover.ts";

const done: Done = {};
const row = (id: string): ProcessRow => ({
  id,
  address: id,
  version: "1",
  startedAt: 0,
  silentMs: 0,
  draining: false,
  rooms: 0,
  people: 0,
  load: 0,
});

/** A process with rooms, and others that take whatever they are given. */
function bench({ others = ["b"] }: { readonly others?: readonly string[] } = {}) {
  const awake = new AwakeRooms();
  const went: string[] = [];
  const outcomes: string[] = [];
  /** Rooms that cannot be moved at this moment. */
  const stuck = new Set<string>();
  /** What the others are said to be. */
  const told = { silentMs: 0, draining: false };
  const database: { inTouchMs: number | null } = { inTouchMs: 60_000 };
  /** What the next that are asked to take a room answer. */
  const refuses: DomainError[] = [];
  let under = 0;
  let most = 0;
  const begun = performance.now();
  const startedAt: number[] = [];

  const add = (id: string, { connected = 1, isFragile = false } = {}): AwakeRoom => {
    const room: AwakeRoom = {
      ref: { kind: "chat", id },
      epoch: 1,
      connected,
      callers: 0,
      isFragile,
      request: async () => ({}),
      reserve: () => Promise.reject(new DomainError("room_closed")),
      seal: async () => {
        went.push(`${id} sleeps`);
        awake.leave(room, Promise.resolve());
      },
      verify: async () => {},
      freeze: async () => (stuck.has(id) ? null : { epoch: 1, seq: 0, sessions: [], awaited: [] }),
      thaw: async () => true,
      leaveTo: () => awake.leave(room, Promise.resolve()),
      leave: () => awake.leave(room, Promise.resolve()),
    };
    awake.add(room);
    return room;
  };
  const to = (process: string): ProcessCalls => ({
    wake: async () => done,
    seat: () => Promise.reject(new DomainError("room_closed")),
    request: async () => ({}),
    prepare: async ({ ref }) => {
      const refusal = refuses.shift();
      if (refusal) throw refusal;
      startedAt.push(performance.now() - begun);
      under += 1;
      most = Math.max(most, under);
      await new Promise((resolve) => setTimeout(resolve, 30));
      under -= 1;
      went.push(`${ref.id} to ${process}`);
      return done;
    },
    adopt: async () => [],
    abandon: async () => done,
    move: () => Promise.reject(new DomainError("no_process")),
  });
  const mover = createMover({
    awake,
    neighbours: () => ({
      self: "a",
      all: () => [row("a"), ...others.map((id) => ({ ...row(id), ...told }))],
      suspended: () => false,
      inTouchMs: () => database.inTouchMs,
      mayReplace: async () => false,
      renew: async () => {},
      stop: async () => {},
    }),
    to,
    log: createLogger({ level: "silent" }),
    moved: (outcome) => outcomes.push(outcome),
  });
  const empty = (proceed = () => true, force = () => false) => mover.empty(proceed, { force });
  return {
    awake,
    add,
    mover,
    empty,
    went,
    outcomes,
    stuck,
    refuses,
    told,
    database,
    startedAt,
    most: () => most,
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets fake time pass until the work is done. */
async function over<T>(work: Promise<T>): Promise<T> {
  let open = true;
  const settled = work.finally(() => {
    open = false;
  });
  settled.catch(() => {});
  while (open) await vi.advanceTimersByTimeAsync(10);
  return settled;
}

describe("one room that is moved", () => {
  it("goes where it is told, or to where there is room", async () => {
    const { add, mover, went, outcomes } = bench({ others: ["b", "c"] });
    await over(mover.move(add("told"), { to: "c", force: false }));
    await over(mover.move(add("free"), { to: null, force: false }));
    expect(went[0]).toBe("told to c");
    expect(went[1]).toMatch(/^free to [bc]$/);
    expect(outcomes).toEqual(["moved", "moved"]);
  });

  it("stays with something under way in another room, unless it is forced", async () => {
    const { add, mover, went } = bench();
    const room = add("fragile", { isFragile: true });
    await expect(mover.move(room, { to: "b", force: false })).rejects.toMatchObject({ code: "room_fragile" });
    expect(went).toEqual([]);
    await over(mover.move(room, { to: "b", force: true }));
    expect(went).toEqual(["fragile to b"]);
  });

  it("is not moved twice at the same time, and can be moved again after a failure", async () => {
    const { add, mover, stuck, outcomes } = bench();
    const room = add("one");
    stuck.add("one");
    const first = mover.move(room, { to: "b", force: false });
    await expect(mover.move(room, { to: "b", force: false })).rejects.toMatchObject({
      code: "busy",
      retryAfterMs: expect.any(Number),
    });
    await expect(over(first)).rejects.toMatchObject({ code: "busy" });
    stuck.clear();
    await over(mover.move(room, { to: "b", force: false }));
    expect(outcomes).toEqual(["failed", "moved"]);
  });

  it("stays where there is nowhere to go", async () => {
    const { add, mover } = bench({ others: [] });
    await expect(mover.move(add("one"), { to: null, force: false })).rejects.toMatchObject({
      code: "no_process",
    });
  });
});

describe("a process that is emptied", () => {
  it("gives every room away: those with something under way last, and those without people sleep", async () => {
    const { add, awake, empty, went } = bench();
    add("fragile", { isFragile: true });
    add("lonely", { connected: 0 });
    add("lonely-fragile", { connected: 0, isFragile: true });
    for (let n = 0; n < 6; n += 1) add(`full-${n}`);
    await over(empty(undefined, () => true));
    expect(awake.size).toBe(0);
    expect(went).toContain("lonely sleeps");
    expect(went.slice(-2).toSorted()).toEqual(["fragile to b", "lonely-fragile to b"]);
  });

  it("keeps to 50 rooms a second, four at the same time", async () => {
    const { add, empty, startedAt, most } = bench();
    for (let n = 0; n < 100; n += 1) add(`room-${n}`);
    await over(empty());
    expect(startedAt).toHaveLength(100);
    for (const [n, at] of startedAt.toSorted((a, b) => a - b).entries()) {
      expect(at).toBeGreaterThanOrEqual((n - 4) * 20);
    }
    expect(startedAt.at(-1)).toBeGreaterThan(1_900);
    expect(most()).toBeLessThanOrEqual(4);
  });

  it("tries again what could not be moved, and waits for what is under way until it is forced", async () => {
    const { add, awake, empty, stuck } = bench();
    add("stuck");
    add("fragile", { isFragile: true });
    stuck.add("stuck");
    let force = false;
    const emptied = empty(undefined, () => force);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(awake.size).toBe(2);
    stuck.clear();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(awake.all().map(({ ref }) => ref.id)).toEqual(["fragile"]);
    force = true;
    await over(emptied);
    expect(awake.size).toBe(0);
  });

  it("stops when it is told to", async () => {
    const { add, awake, empty } = bench();
    for (let n = 0; n < 100; n += 1) add(`room-${n}`);
    let going = true;
    const emptied = empty(() => going);
    await vi.advanceTimersByTimeAsync(500);
    going = false;
    await over(emptied);
    expect(awake.size).toBeGreaterThan(50);
    expect(awake.size).toBeLessThan(90);
  });

  it("asks again where the only other process refuses for a moment", async () => {
    const { add, awake, empty, refuses } = bench();
    add("one");
    refuses.push(new DomainError("no_process"), new DomainError("busy"));
    await over(empty());
    expect(awake.size).toBe(0);
  });

  it("waits for others that were silent for a while, or drained, but not for ever", async () => {
    const { add, awake, empty, told } = bench();
    add("one");
    told.silentMs = 7_000;
    const emptied = over(empty());
    await vi.advanceTimersByTimeAsync(3_000);
    expect(awake.size).toBe(1);
    told.silentMs = 0;
    await emptied;
    expect(awake.size).toBe(0);

    add("two");
    told.draining = true;
    await over(empty());
    expect(awake.size).toBe(1);
  });

  it("waits for as long as the database is away, and for the others to be heard of again", async () => {
    const { add, awake, empty, told, database } = bench();
    add("one");
    told.silentMs = 7_000;
    database.inTouchMs = null;
    const emptied = over(empty());
    await vi.advanceTimersByTimeAsync(30_000);
    database.inTouchMs = 100;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(awake.size).toBe(1);
    told.silentMs = 0;
    await emptied;
    expect(awake.size).toBe(0);
  });

  it("ends at once where there is nowhere to go", async () => {
    const { add, awake, empty } = bench({ others: [] });
    add("one");
    await over(empty());
    expect(awake.size).toBe(1);
  });
});
