import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQueueCommand, type QueueCommand } from "../../../core/domain/queue/commands.ts";
import { aheadOf, type Entry, entryOf } from "../../../core/domain/queue/state.ts";
import { ito, person } from "../../../core/domain/queue/testing/people.ts";
import { PlayedQueue, type Unnamed } from "../../../core/domain/queue/testing/played-queue.ts";
import { randomFrom } from "../../../test/durability/random.ts";
import { drillNames, drills, type Scene, type Step, type Told } from "./drills.ts";
import { Line, type Waiting } from "./line.ts";

/** Everyone in a queue as they would be told. */
function toldIn(queue: PlayedQueue): ReadonlyMap<string, Told> {
  const told = new Map<string, Told>();
  for (const entry of queue.state.entries.values()) {
    told.set(entry.patient, { place: aheadOf(queue.state, entry) + 1, status: entry.status });
  }
  return told;
}

function waitingOf({ id, patient, priority, waitingSince }: Entry): Waiting {
  return { entry: id, patient, priority, waitingSince };
}

function sceneOf(queue: PlayedQueue, connected: ReadonlySet<string>, seed: number): Scene {
  const seen = (patient: string) => {
    const entry = entryOf(queue.state, patient);
    if (!entry) throw new Error(`${patient} has no place`);
    return waitingOf(entry);
  };
  return { line: new Line(queue.line.map(seen)), connected, random: randomFrom(seed), seen };
}

function commandOf({ name, payload, by }: Step, fresh: string): Unnamed<QueueCommand> {
  const more = name === "queue.join" ? { entry: fresh, language: null, needs: [], visit: null } : {};
  const command = { id: null, name, ...more, ...payload };
  if (isQueueCommand(command)) return command;
  throw new Error(`${name} of ${by}`);
}

describe("what a drill expects", () => {
  it.each(drillNames)("is what the queue does: %s", (drill) => {
    const input = fc.record({
      size: fc.integer({ min: 2, max: 12 }),
      away: fc.integer({ min: 0, max: 5 }),
      seed: fc.nat(),
      steps: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(input, ({ size, away, seed, steps }) => {
        const queue = new PlayedQueue();
        const names = Array.from({ length: size }, (_, n) => `p${n}`);
        for (const name of names) {
          queue.now += 1;
          queue.join(person(name, "patient"));
        }
        const connected = new Set(names.slice(Math.min(away, size - 1)));
        const commands = drills[drill](sceneOf(queue, connected, seed));
        for (let i = 0; i < steps; i++) {
          const { value: step } = commands.next();
          const before = toldIn(queue);
          queue.now += 1;
          const by = step.by === null ? ito : person(step.by, "patient");
          expect(queue.refusal(by, commandOf(step, `again-${i}`))).toBeNull();
          const after = toldIn(queue);
          for (const name of connected) {
            const told = step.told.get(name);
            const now = after.get(name) ?? { place: null, status: "none" };
            const isSame = JSON.stringify(before.get(name)) === JSON.stringify(now);
            if (told) expect(now, name).toEqual({ place: told.place, status: told.status });
            else expect(isSame, `${name} after ${step.name}`).toBe(true);
          }
          expect([...step.told.keys()].filter((name) => !connected.has(name))).toEqual([]);
          const { patient, status } = step.shown;
          expect(entryOf(queue.state, patient)?.status ?? null).toBe(status);
          step.after?.();
        }
      }),
      { numRuns: 60 },
    );
  });
});
