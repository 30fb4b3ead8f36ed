import { startWorker } from "../../worker.ts";
import type { AttendeePlace, ClientKind } from "./attendee.ts";
import type { LoadOptions, Progress } from "./crowd.ts";
import type { Records } from "./records.ts";

/** Where each member of each room connects. */
export type Rooms = readonly (readonly AttendeePlace[])[];

export type Order =
  | { readonly type: "join"; readonly rooms: Rooms; readonly client: ClientKind }
  /** Where the matchmaker is asked by whoever loses the connection. */
  | { readonly type: "elsewhere"; readonly url: string }
  | { readonly type: "start"; readonly options: LoadOptions }
  | { readonly type: "mark" }
  | { readonly type: "progress" }
  | { readonly type: "finish"; readonly patience: number };

export type Answer =
  | { readonly type: "done" }
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "records"; readonly records: Records };

/** All crowds, as the benchmark commands them: each in a process of its own. */
export interface Crowds {
  readonly pids: readonly number[];
  join(rooms: Rooms, client: ClientKind): Promise<void>;
  elsewhere(url: string): Promise<void>;
  start(ratePerRoom: number, limit: number): Promise<void>;
  mark(): Promise<void>;
  progress(): Promise<Progress>;
  finish(patience: number): Promise<readonly Records[]>;
  end(): Promise<void>;
}

export function startCrowds(count: number): Crowds {
  const module = new URL("process.ts", import.meta.url);
  const workers = Array.from({ length: count }, () => startWorker<Order, Answer>(module));
  const all = (order: Order): Promise<Answer[]> => Promise.all(workers.map((worker) => worker.ask(order)));
  const tell = async (order: Order): Promise<void> => {
    await all(order);
  };
  return {
    pids: workers.map(({ pid }) => pid),
    // Those that share a machine would be in each other's way if they joined at once.
    join: async (rooms, client) => {
      for (const [index, worker] of workers.entries()) {
        await worker.ask({ type: "join", rooms: shareOf(rooms, index, count), client });
      }
    },
    elsewhere: (url) => tell({ type: "elsewhere", url }),
    start: async (ratePerRoom, limit) => {
      await Promise.all(
        workers.map((worker, index) => {
          const offset = (index * 1_000) / (ratePerRoom * count);
          return worker.ask({ type: "start", options: { ratePerRoom, limit, offset } });
        }),
      );
    },
    mark: () => tell({ type: "mark" }),
    progress: async () => {
      const answers = await all({ type: "progress" });
      const parts = answers.flatMap((answer) => (answer.type === "progress" ? [answer.progress] : []));
      const sum = (value: (part: Progress) => number) =>
        parts.reduce((total, part) => total + value(part), 0);
      return {
        seated: sum(({ seated }) => seated),
        answered: sum(({ answered }) => answered),
        unanswered: sum(({ unanswered }) => unanswered),
      };
    },
    finish: async (patience) => {
      const answers = await all({ type: "finish", patience });
      return answers.flatMap((answer) => (answer.type === "records" ? [answer.records] : []));
    },
    end: async () => {
      await Promise.all(workers.map((worker) => worker.end()));
    },
  };
}

function shareOf<T>(items: readonly T[], index: number, count: number): readonly T[] {
  return items.filter((_, i) => i % count === index);
}
