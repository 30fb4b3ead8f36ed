import { afterEach, expect, it } from "vitest";
import { createArrivals } from "./arrivals.ts";
import { createBus } from "./bus.ts";
import { type FeedCursor, feedStart } from "./feed.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

/** A journal that only says whose events are new. */
function stage() {
  const news: Set<string>[] = [];
  const ends: PromiseWithResolvers<FeedCursor>[] = [];
  const arrivals = createArrivals();
  const warned: unknown[] = [];
  const bus = createBus({
    feed: {
      end: () => {
        const end = Promise.withResolvers<FeedCursor>();
        ends.push(end);
        return end.promise;
      },
      news: async () => ({ orgs: news.shift() ?? new Set(), next: feedStart }),
    },
    arrivals,
    log: { warn: (what: unknown) => void warned.push(what) },
    latest: 5,
  });
  undo.push(() => {
    for (const end of ends) end.resolve(feedStart);
    return bus.stop();
  });
  const told: string[] = [];
  const watch = (name: string, org: string | null) => bus.watch(org, () => void told.push(name));
  return { watch, told, news, ends, arrivals };
}

it("has everyone look once it knows where news begin: what came meanwhile would be told to nobody", async () => {
  const { watch, told, ends } = stage();
  watch("all", null);
  watch("one", "north");
  expect(told).toEqual([]);
  ends[0]?.resolve(feedStart);
  await expect.poll(() => told).toEqual(["all", "one"]);
});

it("tells those whom it concerns, until they do not listen any more", async () => {
  const { watch, told, news, ends } = stage();
  const undoAll = watch("all", null);
  watch("north", "north");
  watch("south", "south");
  ends[0]?.resolve(feedStart);
  await expect.poll(() => told).toHaveLength(3);
  told.length = 0;
  news.push(new Set(["south", "west"]));
  await expect.poll(() => told).toEqual(["all", "south"]);
  undoAll();
  news.push(new Set(["north"]));
  await expect.poll(() => told).toEqual(["all", "south", "north"]);
});

it("looks no further without listeners, and begins anew with the next one", async () => {
  const { watch, told, ends } = stage();
  const leave = watch("first", null);
  ends[0]?.resolve(feedStart);
  await expect.poll(() => told).toEqual(["first"]);
  leave();
  await expect
    .poll(() => {
      watch("second", null)();
      return ends.length;
    })
    .toBeGreaterThan(1);
});
