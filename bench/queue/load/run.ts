import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { randomFrom } from "../../../test/durability/random.ts";
import { type CpuReading, cpuBetween, readCpu, type WatchedProcess } from "../../cpu.ts";
import { percentile } from "../../statistics.ts";
import type { Clients } from "./clients.ts";
import { type DrillName, drills, type Scene } from "./drills.ts";
import { Line } from "./line.ts";
import { type Followed, Watch } from "./watch.ts";

/** Milliseconds. */
export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What commands of one name had as a result. */
export interface Outcome {
  readonly commands: number;
  /** Frames that the server sent per command, to everyone, each counted with its receiver. */
  readonly messages: { readonly patches: number; readonly told: number; readonly replies: number };
  /** From the command to each staff screen's patch. */
  readonly staffPatchMs: Times;
  /** From the command until the last of those had been told whose place or status it changed. */
  readonly toldMs: Times;
  /** A patch's size. */
  readonly patchBytes: number;
}

/** One drill's window: `commands` one after the other, each begun when the one before has reached everyone. */
export interface DrillResult {
  readonly drill: DrillName;
  readonly all: Outcome;
  readonly byName: Readonly<Record<string, Outcome>>;
  /** Milliseconds. */
  readonly window: number;
  /** Microseconds in the window, by process. */
  readonly cpu: CpuReading;
}

/** Commands to one queue, and everything that is told of them. */
export class QueueRun {
  readonly #clients: Clients;
  readonly #watch: Watch;
  readonly #scene: Scene;
  #sent = 0;

  /** The queue must be at rest. */
  constructor(clients: Clients, seed: number) {
    this.#clients = clients;
    this.#watch = new Watch(clients.staff);
    clients.watch(this.#watch);
    const { board } = clients;
    this.#scene = {
      line: new Line(board.inOrder()),
      connected: clients.patients,
      random: randomFrom(seed),
      seen: (patient) => board.waiting(patient),
    };
  }

  async drill(
    drill: DrillName,
    commands: number,
    processes: readonly WatchedProcess[],
  ): Promise<DrillResult> {
    const steps = drills[drill](this.#scene);
    const followed: Followed[] = [];
    const before = readCpu(processes);
    const since = performance.now();
    for (let i = 0; i < commands; i++) followed.push(await this.#step(steps));
    const window = performance.now() - since;
    const cpu = cpuBetween(before, readCpu(processes));
    this.#compare();
    const byName = Object.entries(Object.groupBy(followed, ({ step }) => step.name.slice("queue.".length)));
    return {
      drill,
      all: outcomeOf(followed),
      byName: Object.fromEntries(byName.map(([name, some]) => [name, outcomeOf(some ?? [])])),
      window: Math.round(window),
      cpu,
    };
  }

  /** Nothing is asked for so long (seconds). */
  async idle(seconds: number, processes: readonly WatchedProcess[]) {
    const before = readCpu(processes);
    const since = performance.now();
    await delay(seconds * 1_000);
    return { window: performance.now() - since, cpu: cpuBetween(before, readCpu(processes)) };
  }

  async #step(steps: Generator<Followed["step"], never, undefined>): Promise<Followed> {
    const { value: step } = steps.next();
    const { name, by } = step;
    const payload = { id: randomUUID(), ...step.payload };
    // The staff take turns: nobody may send more than so many a second.
    const sender = by ?? this.#sent++ % this.#clients.staff;
    const followed = await this.#watch.follow(step, (request) =>
      this.#clients.send(sender, request, name, payload),
    );
    this.#look(followed);
    step.after?.();
    return followed;
  }

  /** Throws when the staff's screens show something else than what was done. */
  #look({ step: { name, shown }, patch }: Followed): void {
    const { board } = this.#clients;
    const changed = board.take(patch);
    if (changed.size !== 1) throw new Error(`${name}: the patch changed ${changed.size} entries.`);
    const status = board.statusOf(shown.patient);
    if (status === shown.status) return;
    throw new Error(`${name}: the staff see ${shown.patient} as ${status}, not as ${shown.status}.`);
  }

  #compare(): void {
    const shown = this.#clients.board.inOrder().map(({ entry }) => entry);
    const wrong = this.#scene.line.entries.findIndex((entry, index) => entry !== shown[index]);
    if (wrong >= 0 || shown.length !== this.#scene.line.length) {
      const { length } = this.#scene.line;
      throw new Error(`The staff see ${shown.length} of ${length}, in another order from ${wrong + 1} on.`);
    }
  }
}

function outcomeOf(followed: readonly Followed[]): Outcome {
  const { length } = followed;
  const mean = (value: (one: Followed) => number) =>
    followed.reduce((sum, one) => sum + value(one), 0) / length;
  return {
    commands: length,
    messages: {
      patches: mean(({ patchedAt }) => patchedAt.length),
      told: mean(({ messages }) => messages),
      replies: 1,
    },
    staffPatchMs: timesOf(followed.flatMap(({ patchedAt }) => patchedAt)),
    toldMs: timesOf(followed.flatMap(({ toldAt }) => toldAt ?? [])),
    patchBytes: mean(({ patch }) => patch.length),
  };
}

function timesOf(times: readonly number[]): Times {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => Math.round(percentile(sorted, share) * 100) / 100;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
