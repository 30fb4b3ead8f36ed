import { setTimeout as delay } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DomainError } from "../../core/domain/errors.ts";
import { brokenTransfers } from "../checker/check-transfers.ts";
import { assertDurable, type Postgres, startPostgres } from "../support/postgres.ts";
import type { ClinicEngine } from "./clinic-engine.ts";
import { type Carriage, ClinicWorld, ito, person } from "./clinic-world.ts";
import { cutConnections } from "./cut.ts";
import type { Rooms } from "./folded-rooms.ts";
import { forever } from "./holds.ts";
import { transferMs } from "./transfer-stories.ts";

/** Numbers choose the patient, the queue and the process. */
const n = fc.nat(2);
const does = <T extends string>(weight: number, what: T) => ({
  weight,
  arbitrary: fc.record({ does: fc.constant(what), n, to: n }),
});
const step = fc.oneof(
  does(8, "transfer"),
  does(3, "admit"),
  does(2, "leave"),
  does(4, "join"),
  does(1, "close"),
  does(2, "open"),
  does(3, "lose the next errand"),
  does(3, "delay the next errand"),
  does(2, "bring the next errand twice"),
  does(3, "lose the next answer"),
  does(3, "bring what was delayed"),
  does(3, "crash"),
  does(3, "take over"),
  does(2, "sleep"),
  does(2, "cut"),
  does(4, "let time pass"),
);
const scripts = fc.array(step, { minLength: 15, maxLength: 40, size: "medium" });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** So that in any case some are let in, and some are called back. */
const opening: readonly Step[] = [
  { does: "lose the next errand", n: 0, to: 0 },
  { does: "transfer", n: 0, to: 1 },
  { does: "transfer", n: 1, to: 2 },
  { does: "let time pass", n: 0, to: 0 },
];

const patience = 120_000;
const patients = ["anna", "ben", "chie"].map((id) => person(id, "patient"));
const queues = ["a", "b", "c"].map((id) => ({ kind: "waiting", id }) as const);
const calm = { graceSeconds: 3_600, awaySeconds: 86_400, longWaitSeconds: 86_400 };

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
  await assertDurable(postgres.url);
});
afterAll(() => postgres.dispose());

test(
  "whatever happens to processes, connections and errands, everyone is in one room at every moment",
  async () => {
    const total = { arrived: 0, returned: 0, declined: 0 };
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(scripts, async (script) => {
        runs += 1;
        const url = await postgres.createDatabase(`run${runs}`);
        const world = await ClinicWorld.open(url);
        try {
          const rooms = await new Run(world, url).play(script);
          for (const { recorded } of rooms.steps) {
            const what = recorded.event.type.replace(/^\w+\./, "");
            if (what === "arrived" || what === "returned" || what === "declined") total[what] += 1;
          }
          expect(brokenTransfers(rooms.steps)).toEqual([]);
        } finally {
          await world.close();
        }
      }),
      { numRuns: 10, endOnFailure: true },
    );
    for (const count of Object.values(total)) expect(count).toBeGreaterThan(0);
  },
  patience,
);

/** One clinic's story. Whatever is asked is not waited for. */
class Run {
  readonly #world: ClinicWorld;
  readonly #url: string;
  readonly #engines: ClinicEngine[];
  readonly #carriages: Carriage[] = [];
  readonly #delayed: (() => Promise<void>)[] = [];
  #started = 3;

  constructor(world: ClinicWorld, url: string) {
    this.#world = world;
    this.#url = url;
    this.#engines = ["e1", "e2", "e3"].map((name) => world.start(name));
    world.carriage = (errand, send) => (this.#carriages.shift() ?? plainly)(errand, send);
  }

  async play(script: readonly Step[]): Promise<Rooms> {
    const world = this.#world;
    for (const [i, { id }] of queues.entries()) await world.openQueue(id, calm, this.#engine(i));
    for (const [i, patient] of patients.entries()) await world.join(patient, this.#queue(i));
    for (const one of [...opening, ...script]) {
      await this.#perform(one);
      await delay(10);
    }
    // In the end somebody looks after everything, and nothing goes wrong any more.
    for (const engine of this.#engines) engine.crash();
    this.#carriages.length = 0;
    world.start("last", { polls: true });
    for (const queue of queues) await world.refusal(ito, queue, "queue.open");
    for (const send of this.#delayed) await send().catch(() => {});
    world.time.skip(transferMs);
    return world.until((rooms) => rooms.settled);
  }

  async #perform({ does, n, to }: Step): Promise<void> {
    const world = this.#world;
    switch (does) {
      case "transfer":
      case "admit":
        return this.#send(does, n, to);
      case "leave":
      case "join":
        return this.#ask(
          patients[n] ?? ito,
          to,
          `queue.${does}`,
          does === "join" ? { reason: "a cough" } : {},
        );
      case "close":
      case "open":
        return this.#ask(ito, to, `queue.${does}`);
      case "lose the next errand":
        this.#carriages.push(() => forever());
        return;
      case "delay the next errand":
        this.#carriages.push((_, send) => {
          this.#delayed.push(send);
          return forever();
        });
        return;
      case "bring the next errand twice":
        this.#carriages.push(async (_, send) => {
          const [answer] = await Promise.allSettled([send(), send()]);
          if (answer.status === "rejected") throw answer.reason;
        });
        return;
      case "lose the next answer":
        this.#carriages.push(async (_, send) => {
          await send().catch(() => {});
          throw new DomainError("unavailable");
        });
        return;
      case "bring what was delayed":
        for (const send of this.#delayed.splice(0)) void send().catch(() => {});
        return;
      case "crash":
        this.#engine(n).crash();
        this.#started += 1;
        this.#engines[n] = world.start(`e${this.#started}`);
        return;
      case "take over":
        void this.#engine(n)
          .wake(this.#queue(to))
          .catch(() => {});
        return;
      case "sleep":
        void this.#engine(n)
          .sleep(this.#queue(to))
          .catch(() => {});
        return;
      case "cut":
        return cutConnections(this.#url);
      case "let time pass":
        world.time.skip(transferMs);
    }
  }

  /** Sends a patient from wherever they wait. */
  async #send(how: "transfer" | "admit", n: number, to: number): Promise<void> {
    const patient = patients[n]?.id ?? "";
    const rooms = await this.#world.rooms();
    const from = queues.findIndex((queue) => rooms.place(queue, patient));
    const entry = rooms.place(this.#queue(from), patient)?.id;
    if (entry === undefined) return;
    this.#ask(ito, from, `queue.${how}`, how === "transfer" ? { entry, to: this.#queue(to).id } : { entry });
  }

  #ask(by: typeof ito, queue: number, name: string, payload: object = {}): void {
    this.#world.ask(by, this.#queue(queue), name, payload).catch(() => {});
  }

  #queue(i: number) {
    return queues[i] ?? queues[0] ?? { kind: "waiting", id: "a" };
  }

  #engine(i: number): ClinicEngine {
    const engine = this.#engines[i];
    if (!engine) throw new Error(`there is no process ${i}`);
    return engine;
  }
}

const plainly: Carriage = (_, send) => send();
