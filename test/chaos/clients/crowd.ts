import { join } from "node:path";
import { startWorker, type Worker } from "../../../bench/worker.ts";
import type { Answer, Begin, Clinic, Order, Talk } from "./orders.ts";

export interface CrowdOptions {
  readonly url: string;
  /** Where the recordings go. */
  readonly folder: string;
  readonly seed: number;
  readonly talks: readonly Talk[];
  readonly clinics: readonly Clinic[];
  readonly rate: Begin["rate"];
}

/** All clients, in a few processes of their own. Everyone in a room is in one of them. */
export interface Crowd {
  /** Connections. */
  readonly clients: number;
  start(): Promise<void>;
  /** Breaks a share of all sockets, so many times; returns how many. */
  flap(share: number, times: number): Promise<number>;
  /** Returns how many bytes were sent to somebody who read nothing (for so long, ms). */
  deafen(which: number, forMs: number, bytes: number): Promise<number>;
  /** Returns who has not come to rest in time. */
  rest(withinMs: number): Promise<readonly string[]>;
  end(withinMs: number): Promise<readonly string[]>;
  dispose(): Promise<void>;
}

/** So many connections keep one process busy enough. */
const clientsPerProcess = 110;

/** Brings everyone to their rooms. */
export async function gatherCrowd(options: CrowdOptions): Promise<Crowd> {
  const { talks, clinics, folder, rate, url, seed } = options;
  const people = talks.reduce((sum, talk) => sum + talk.people.length, 0);
  const count = Math.max(1, Math.ceil(people / clientsPerProcess));
  const workers: Worker<Order, Answer>[] = [];
  const askAll = async (order: Order): Promise<readonly Answer[]> =>
    Promise.all(workers.map((worker) => worker.ask(order)));
  const sum = (answers: readonly Answer[]): number =>
    answers.reduce((all, answer) => all + (answer.type === "done" ? answer.count : 0), 0);
  const names = (answers: readonly Answer[]): readonly string[] =>
    answers.flatMap((answer) => (answer.type === "rested" ? answer.unsettled : []));
  const dispose = async () => {
    await Promise.all(workers.map((worker) => worker.end()));
  };
  const share = <T>(list: readonly T[], n: number): T[] => list.filter((_, i) => i % count === n);
  try {
    for (let n = 0; n < count; n += 1) {
      workers.push(startWorker(new URL("process.ts", import.meta.url)));
    }
    const begun = await Promise.all(
      workers.map((worker, n) =>
        worker.ask({
          does: "begin",
          url,
          file: join(folder, `clients-${n}.jsonl`),
          seed: seed + n,
          talks: share(talks, n),
          clinics: share(clinics, n),
          rate: { talks: rate.talks / count, queues: rate.queues / count },
        }),
      ),
    );
    return {
      clients: sum(begun),
      start: async () => {
        await askAll({ does: "start" });
      },
      flap: async (part, times) => sum(await askAll({ does: "flap", share: part, times })),
      deafen: async (which, forMs, bytes) => {
        const worker = workers[which % count];
        return worker ? sum([await worker.ask({ does: "deafen", forMs, bytes })]) : 0;
      },
      rest: async (withinMs) => names(await askAll({ does: "rest", withinMs })),
      end: async (withinMs) => names(await askAll({ does: "end", withinMs })),
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
