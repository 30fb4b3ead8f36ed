import { expect, test } from "vitest";
import { DomainError, type ErrorCode } from "../../core/domain/errors.ts";
import type { Errand } from "../../core/domain/feature.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { ErrandRunner } from "./errand-runner.ts";

/** A runner whose timers fire at once, beside a room that has `outstanding` errands. */
function bench(answers: (ErrorCode | "never" | null)[], settling: (ErrorCode | null)[] = []) {
  const tried: string[] = [];
  const settled: string[] = [];
  const quiet = Promise.withResolvers<void>();
  const runner = new ErrandRunner({
    from: { org: "clinic", ref: { kind: "waiting", id: "q" } },
    log: () => createLogger({ level: "silent" }),
    wheel: {
      after: (_, task) => {
        queueMicrotask(task);
        return () => {};
      },
      stop: () => {},
    },
    deliver: async (_, errand) => {
      tried.push(errand.id);
      const answer = answers.shift() ?? null;
      if (answer === "never") return new Promise(() => {});
      if (answer) throw new DomainError(answer);
    },
    settle: async (command) => {
      const answer = settling.shift() ?? null;
      if (answer) throw new DomainError(answer);
      settled.push(command.name);
      runner.consider([]);
      quiet.resolve();
    },
  });
  return { runner, tried, settled, quiet: quiet.promise };
}

const errand: Errand = {
  id: "arrive_1",
  to: { kind: "waiting", id: "other" },
  name: "queue.arrive",
  payload: {},
  settle: (outcome) => ({ name: outcome.ok ? "in" : `refused ${outcome.rejection.code}`, id: null }),
};

test("tries again what may pass, and settles once", async () => {
  const { runner, tried, settled, quiet } = bench(["busy", "unavailable", "room_closed", null]);
  runner.consider([errand]);
  runner.consider([errand]);
  await quiet;
  expect(tried).toHaveLength(4);
  expect(settled).toEqual(["in"]);
  expect(runner.idle).toBe(true);
});

test("asks again when no answer comes", async () => {
  const { runner, tried, settled, quiet } = bench(["never", "busy", "never", null]);
  runner.consider([errand]);
  await quiet;
  expect(tried).toHaveLength(4);
  expect(settled).toEqual(["in"]);
});

test("a refusal for good is an outcome", async () => {
  const { runner, settled, quiet } = bench(["queue_closed"]);
  runner.consider([errand]);
  await quiet;
  expect(settled).toEqual(["refused queue_closed"]);
});

test("what is to be tried more often is refused only then", async () => {
  const refusals = Array<ErrorCode>(5).fill("media_unavailable");
  const patient = bench([...refusals, null]);
  patient.runner.consider([{ ...errand, tries: 4 }]);
  await patient.quiet;
  expect(patient.tried).toHaveLength(4);
  expect(patient.settled).toEqual(["refused media_unavailable"]);
  const lucky = bench(["media_unavailable", "busy", null]);
  lucky.runner.consider([{ ...errand, tries: 4 }]);
  await lucky.quiet;
  expect(lucky.settled).toEqual(["in"]);
});

test("goes on until its own room has recorded the outcome", async () => {
  const { runner, tried, settled, quiet } = bench([null, null, null], ["unavailable", "busy", null]);
  runner.consider([errand]);
  await quiet;
  expect(tried).toHaveLength(3);
  expect(settled).toEqual(["in"]);
});

test("lets go of what is no longer outstanding, and of everything once it is stopped", async () => {
  const { runner, tried } = bench(Array<ErrorCode>(50).fill("busy"));
  runner.consider([errand]);
  await new Promise(setImmediate);
  const before = tried.length;
  expect(before).toBeGreaterThan(0);
  runner.consider([]);
  await new Promise(setImmediate);
  const after = tried.length;
  await new Promise(setImmediate);
  expect(tried.length).toBe(after);
  runner.stop();
  runner.consider([errand]);
  await new Promise(setImmediate);
  expect(tried.length).toBe(after);
});
