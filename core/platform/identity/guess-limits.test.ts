import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { createGuessLimits, type GuessLimits } from "./guess-limits.ts";
import { noTally, type Pace, slowOne, tryOne, waitAfter } from "./guess-pace.ts";
import { createGuessTallies } from "./guess-tallies.ts";

const pace: Pace = { free: 3, firstMs: 100, longestMs: 1_000, forgetMs: 10_000 };

describe("the pace", () => {
  test("lets some go at once, then doubles the wait up to the longest", () => {
    expect([0, 2, 3, 4, 5, 6, 7, 90].map((count) => waitAfter(count, pace))).toEqual([
      ...[0, 0, 100, 200, 400, 800, 1_000, 1_000],
    ]);
  });

  test("never lets more through than it says, whenever they come, and forgets in the end", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 60 }), (pauses) => {
        let tally = noTally;
        let time = 1_000_000;
        let last = 0;
        let taken = 0;
        for (const pause of pauses) {
          time += pause;
          const tried = tryOne(tally, time, pace);
          if (tried.waitMs === 0) {
            expect(time - last).toBeGreaterThanOrEqual(waitAfter(taken, pace));
            taken += 1;
            last = time;
          }
          tally = tried.tally;
          expect(tally.count).toBe(taken);
        }
        expect(tryOne(tally, time + pace.forgetMs, pace)).toEqual({
          tally: { count: 1, at: time + pace.forgetMs },
          waitMs: 0,
        });
      }),
    );
  });

  test("slowing counts every one, and refuses none", () => {
    let tally = noTally;
    const waits = [];
    for (let i = 0; i < 6; i += 1) {
      const slowed = slowOne(tally, 1_000_000, pace);
      tally = slowed.tally;
      waits.push(slowed.waitMs);
    }
    expect(waits).toEqual([0, 0, 0, 100, 200, 400]);
  });
});

describe("guesses of passwords", () => {
  const clock = { time: 1_000_000_000 };
  let paused: number[];
  let limits: GuessLimits;
  const options = () => ({
    tallies: createGuessTallies(() => clock.time, null),
    knows: async (_: string, network: string) => network === "198.51.100.0/24",
    pause: async (ms: number) => paused.push(ms),
  });
  beforeEach(() => {
    paused = [];
    limits = createGuessLimits(options());
  });
  const from = (address: string) => ({ address });
  const refusal = (name: string, address: string): Promise<number | null> =>
    limits.guess(name, from(address)).then(
      () => null,
      (error) => error.retryAfterMs,
    );

  test("of one name from one network wait ever longer; the same name from elsewhere, and others from there, do not", async () => {
    for (let i = 0; i < 8; i += 1) expect(await refusal("anna", "192.0.2.1")).toBeNull();
    const waits = [];
    for (let i = 0; i < 7; i += 1) {
      const wait = (await refusal("anna", "192.0.2.1")) ?? 0;
      waits.push(wait);
      clock.time += wait;
      expect(await refusal("anna", "192.0.2.1")).toBeNull();
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
    expect(await refusal("anna", "203.0.113.9")).toBeNull();
    expect(await refusal("ben", "192.0.2.1")).toBeNull();
  });

  test("a right password clears them", async () => {
    for (let i = 0; i < 40; i += 1) {
      expect(await refusal("anna", "192.0.2.1")).toBeNull();
      if (i % 7 === 6) await limits.right("anna", from("192.0.2.1"));
    }
  });

  test("of one name from everywhere are slowed and never refused, and not where its owner comes from", async () => {
    for (let i = 0; i < 30; i += 1) expect(await refusal("anna", `192.0.2.${i}`)).toBeNull();
    expect(paused).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000]);
    expect(await refusal("anna", "198.51.100.7")).toBeNull();
    expect(paused).toHaveLength(10);
  });

  test("of many names from one network are refused after a hundred wrong ones, right ones do not count", async () => {
    for (let i = 0; i < 300; i += 1) {
      await limits.guess(`right${i}`, from("192.0.2.1"));
      await limits.right(`right${i}`, from("192.0.2.1"));
    }
    for (let i = 0; i < 100; i += 1) expect(await refusal(`wrong${i}`, "192.0.2.1")).toBeNull();
    expect(await refusal("another", "192.0.2.1")).toBe(1_000);
    expect(await refusal("another", "192.0.2.2")).toBeNull();
  });

  test("a shared tally counts over processes; while it is away each counts for itself", async () => {
    const counts = new Map<string, number>();
    let away = false;
    const shared = {
      count: async (key: string) => {
        if (away) return null;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return (counts.get(key) ?? 0) > 3 ? 77 : 0;
      },
      clear: async (key: string) => counts.delete(key),
      giveBack: async () => {},
    };
    const processes = [1, 2].map(() => createGuessTallies(() => clock.time, shared));
    const waits = [];
    for (let i = 0; i < 6; i += 1) waits.push(await processes[i % 2]?.try("anna", { ...pace, free: 100 }));
    expect(waits).toEqual([0, 0, 0, 77, 77, 77]);
    expect([...counts.keys()].join()).not.toContain("anna");
    away = true;
    expect(await processes[0]?.try("anna", { ...pace, free: 100 })).toBe(0);
  });
});
