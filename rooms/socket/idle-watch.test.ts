import { expect, test } from "vitest";
import { IdleWatch } from "./idle-watch.ts";

/** A room over a wheel whose timers run when the test says so. */
function bench() {
  const timers = new Set<() => void>();
  const room = { people: 0, busy: false, slept: 0 };
  const watch = new IdleWatch({
    wheel: {
      after: (_, task) => {
        timers.add(task);
        return () => void timers.delete(task);
      },
      stop: () => timers.clear(),
    },
    idleMs: 20,
    occupied: () => room.people > 0,
    busy: () => room.busy,
    sleep: () => {
      room.slept += 1;
    },
  });
  return {
    room,
    watch,
    timers,
    pass: async (ms: number) => {
      // What it measures is time that has really passed.
      await new Promise((resolve) => setTimeout(resolve, ms));
      for (const task of [...timers]) {
        timers.delete(task);
        task();
      }
    },
  };
}

test("a room waits on one timer, however often people come and go", () => {
  const { watch, timers } = bench();
  for (let i = 0; i < 100; i += 1) watch.watch();
  expect(timers.size).toBe(1);
  watch.stop();
  expect(timers.size).toBe(0);
});

test("it sleeps when nobody has been there or asked for anything, and it has nothing to do", async () => {
  const { room, watch, pass } = bench();
  watch.watch();
  room.busy = true;
  await pass(25);
  room.busy = false;
  watch.used();
  await pass(0);
  expect(room.slept).toBe(0);
  await pass(25);
  expect(room.slept).toBe(1);
});

test("it stays awake while somebody is there, and is watched again once they have gone", async () => {
  const { room, watch, pass, timers } = bench();
  watch.watch();
  room.people = 1;
  await pass(25);
  watch.watch();
  expect(timers.size).toBe(0);
  room.people = 0;
  watch.watch();
  await pass(25);
  expect(room.slept).toBe(1);
});
