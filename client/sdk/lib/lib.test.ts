import { describe, expect, test, vi } from "vitest";
import { ManualClock, settle } from "../testing/manual-clock.ts";
import { asked, backoff } from "./backoff.ts";
import { withDeadline } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { newId } from "./ids.ts";
import { Lane } from "./lane.ts";
import { subjectOf } from "./subject.ts";

test("pauses double from 150 ms to 5 s, each spread over two thirds of its bound", () => {
  const pauses = (chance: number) =>
    [0, 1, 2, 3, 5, 6, 7, 50].map((attempt) => Math.round(backoff(new ManualClock(() => chance), attempt)));
  expect(pauses(0.999999)).toEqual([150, 150, 300, 600, 2400, 4800, 5000, 5000]);
  expect(pauses(0)).toEqual([50, 50, 100, 200, 800, 1600, 1667, 1667]);
  expect(asked(new ManualClock(() => 0), 300)).toBe(300);
  expect(asked(new ManualClock(() => 0.999), 300)).toBeLessThan(450);
});

test("a deadline passes on what comes in time, and lets no timer stand", async () => {
  const clock = new ManualClock();
  await expect(withDeadline(clock, 100, Promise.resolve(1), () => new Error("late"))).resolves.toBe(1);
  const late = withDeadline(clock, 100, new Promise(() => undefined), () => new Error("late"));
  const failed = expect(late).rejects.toThrow("late");
  await clock.advance(100);
  await failed;
  expect(clock.pending).toBe(0);
});

test("command ids are of the documented form, and fresh", () => {
  const ids = Array.from({ length: 100 }, newId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
});

test("a lane runs one task at a time, in order, past those that fail", async () => {
  const lane = new Lane();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = lane.run(async () => {
    await gate.promise;
    log.push("first");
    throw new Error("first failed");
  });
  const second = lane.run(async () => log.push("second"));
  await settle();
  expect(log).toEqual([]);
  gate.resolve();
  await expect(first).rejects.toThrow("first failed");
  await second;
  expect(log).toEqual(["first", "second"]);
});

describe("an emitter", () => {
  test("tells every listener until it stops listening, twice if it listens twice", () => {
    const emitter = new Emitter<{ number: number }>();
    const listener = vi.fn();
    const stop = emitter.on("number", listener);
    emitter.on("number", listener);
    emitter.emit("number", 1);
    stop();
    emitter.emit("number", 2);
    expect(listener.mock.calls).toEqual([[1], [1], [2]]);
  });

  test("lets one listener's fault harm nobody else, and hides it from nobody", async () => {
    const emitter = new Emitter<{ number: number }>();
    const neighbour = vi.fn();
    const fault = new Error("listener's fault");
    emitter.on("number", () => {
      throw fault;
    });
    emitter.on("number", neighbour);
    const seen: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => seen.push(error));
    emitter.emit("number", 1);
    await settle();
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
    expect(neighbour).toHaveBeenCalledWith(1);
    expect(seen).toEqual([fault]);
  });
});

test("a token's subject is read where there is one", () => {
  const claims = btoa(JSON.stringify({ sub: "ann??>" }))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
  expect(subjectOf(`h.${claims}.s`)).toBe("ann??>");
  for (const token of ["", "opaque", "a.b.c", `a.${btoa("null")}.c`, `a.${btoa('{"sub":1}')}.c`])
    expect(subjectOf(token)).toBeNull();
});
