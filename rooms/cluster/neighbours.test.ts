import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createLogger } from "../../core/platform/logger.ts";
import type { Processes, ProcessRow } from "../../core/platform/repositories/processes.ts";
import { joinNeighbours } from "./neighbours.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const told = { address: "localhost", version: "1", rooms: 0, people: 0, load: 0 };

/** A process "a" beside "b", with a database that keeps the time and can be away. */
async function bench({ heard = true as boolean | null } = {}) {
  const renewed = new Map([["b", performance.now()]]);
  const bus = { heard };
  /** `refuses`: it says so; `hangs`: it says nothing. */
  const database: { state: "well" | "refuses" | "hangs" } = { state: "well" };
  const checks: boolean[] = [];
  let checked = (): Promise<void> => Promise.resolve();

  const rows = (): readonly ProcessRow[] =>
    [...renewed].map(([id, at]) => ({
      ...told,
      id,
      startedAt: 0,
      draining: false,
      silentMs: performance.now() - at,
    }));
  const answering = async <T>(answer: () => T): Promise<T> => {
    if (database.state === "refuses") throw new Error("the database is away");
    if (database.state === "hangs") return new Promise(() => {});
    return answer();
  };
  const processes: Processes = {
    renew: ({ id }) =>
      answering(() => {
        const before = rows();
        renewed.set(id, performance.now());
        return before;
      }),
    list: () => answering(rows),
    setDraining: () => answering(() => true),
    remove: (id) => answering(() => void renewed.delete(id)),
  };
  const neighbours = await joinNeighbours({
    processes,
    bus: { hears: async () => bus.heard },
    log: createLogger({ level: "silent" }),
    own: () => ({ ...told, id: "a" }),
    renewed: (regained) => {
      checks.push(regained);
      return regained ? checked() : Promise.resolve();
    },
  });
  onTestFinished(async () => {
    database.state = "refuses";
    await neighbours.stop();
  });
  return {
    neighbours,
    database,
    bus,
    checks,
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    /** The other process lives, and says so. */
    renewOther: () => renewed.set("b", performance.now()),
    known: () => [...renewed.keys()],
    silentMs: (id: string) => performance.now() - (renewed.get(id) ?? 0),
    checkWith: (check: () => Promise<void>) => {
      checked = check;
    },
  };
}

describe("a process among others", () => {
  it("renews its lease again and again, and leaves in good order", async () => {
    const { neighbours, pass, checks, known } = await bench();
    await pass(6_000);
    expect(checks.length).toBeGreaterThanOrEqual(10);
    expect(checks).not.toContain(true);
    expect(neighbours.suspended()).toBe(false);
    await neighbours.stop();
    expect(known()).toEqual(["b"]);
    const before = checks.length;
    await pass(6_000);
    expect(checks).toHaveLength(before);
  });

  it("knows how long the others have been silent, also between two looks", async () => {
    const { neighbours, pass, renewOther } = await bench();
    await pass(3_000);
    renewOther();
    await pass(900);
    const silent = () => neighbours.all().find(({ id }) => id === "b")?.silentMs ?? 0;
    const before = silent();
    expect(before).toBeGreaterThan(200);
    expect(before).toBeLessThanOrEqual(900);
    await pass(100);
    expect(silent()).toBeGreaterThan(before);
  });
});

describe.each(["refuses", "hangs"] as const)("a process whose database %s", (state) => {
  it("knows that it is out of touch, and since when it is back", async () => {
    const { neighbours, database, pass } = await bench();
    await pass(2_000);
    expect(neighbours.inTouchMs()).toBeGreaterThanOrEqual(2_000);
    database.state = state;
    await pass(4_000);
    expect(neighbours.inTouchMs()).toBeNull();
    database.state = "well";
    await pass(4_000);
    expect(neighbours.inTouchMs()).toBeGreaterThan(0);
    expect(neighbours.inTouchMs()).toBeLessThanOrEqual(4_000);
  });

  it("suspends its rooms after 4 s, before others may take them", async () => {
    const { neighbours, database, pass } = await bench();
    await pass(2_000);
    database.state = state;
    await pass(3_300);
    expect(neighbours.suspended()).toBe(false);
    await pass(800);
    expect(neighbours.suspended()).toBe(true);
  });

  it("checks its rooms when it is back, and serves again only then", async () => {
    const { neighbours, database, pass, checks, checkWith } = await bench();
    database.state = state;
    await pass(5_000);
    const check = Promise.withResolvers<void>();
    checkWith(() => check.promise);
    database.state = "well";
    await pass(state === "hangs" ? 4_000 : 2_000);
    expect(checks.at(-1)).toBe(true);
    expect(neighbours.suspended()).toBe(true);
    check.resolve();
    await pass(1_500);
    expect(neighbours.suspended()).toBe(false);
    expect(checks.filter(Boolean)).toHaveLength(1);
  });
});

it("checks its rooms again when the check failed, and goes on waiting with them", async () => {
  const { neighbours, database, pass, checks, checkWith } = await bench();
  database.state = "refuses";
  await pass(5_000);
  checkWith(() => Promise.reject(new Error("away again")));
  database.state = "well";
  await pass(1_500);
  expect(checks.filter(Boolean).length).toBeGreaterThan(1);
  expect(neighbours.suspended()).toBe(true);
  checkWith(() => Promise.resolve());
  await pass(700);
  expect(neighbours.suspended()).toBe(false);
});

it("keeps its lease while a check does not end, and checks again", async () => {
  const { neighbours, database, pass, checks, checkWith, silentMs } = await bench();
  database.state = "refuses";
  await pass(5_000);
  checkWith(() => new Promise(() => {}));
  database.state = "well";
  for (let second = 0; second < 12; second += 1) {
    await pass(1_000);
    expect(silentMs("a")).toBeLessThan(4_000);
  }
  expect(neighbours.suspended()).toBe(true);
  checkWith(() => Promise.resolve());
  await pass(4_000);
  expect(neighbours.suspended()).toBe(false);
  expect(checks.at(-1)).toBe(false);
});

describe("another process may be replaced", () => {
  it("when it has left", async () => {
    const { neighbours } = await bench();
    expect(await neighbours.mayReplace("nobody")).toBe(true);
  });

  it("not while it renews, also when nobody hears it", async () => {
    const { neighbours, pass, renewOther } = await bench({ heard: false });
    await pass(7_000);
    renewOther();
    await pass(900);
    expect(await neighbours.mayReplace("b")).toBe(false);
  });

  it.each([false, true, null])(
    "after 1 s of silence only when nobody hears it (heard: %s)",
    async (heard) => {
      const { neighbours, pass, renewOther } = await bench({ heard });
      renewOther();
      await pass(1_100);
      expect(await neighbours.mayReplace("b")).toBe(heard === false);
    },
  );

  it.each([true, null])("after 6 s of silence whatever is heard of it (heard: %s)", async (heard) => {
    const { neighbours, pass, renewOther } = await bench({ heard });
    renewOther();
    await pass(5_900);
    expect(await neighbours.mayReplace("b")).toBe(false);
    await pass(200);
    expect(await neighbours.mayReplace("b")).toBe(true);
  });

  it("not by one that was blind itself, until the others have had the time of a lease", async () => {
    const { neighbours, database, pass } = await bench({ heard: false });
    database.state = "refuses";
    await pass(8_000);
    database.state = "well";
    await pass(700);
    expect(await neighbours.mayReplace("b")).toBe(false);
    await pass(5_000);
    expect(await neighbours.mayReplace("b")).toBe(false);
    await pass(1_200);
    expect(await neighbours.mayReplace("b")).toBe(true);
  });
});
