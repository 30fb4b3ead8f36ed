import type { CpuReading, WatchedProcess } from "../../cpu.ts";
import type { Account } from "../../product.ts";
import { startWorker } from "../../worker.ts";
import type { QueueAddress } from "./clients.ts";
import type { DrillName } from "./drills.ts";
import type { DrillResult } from "./run.ts";

type Watched = { readonly processes: readonly WatchedProcess[] };

export type Order =
  | { readonly type: "patients"; readonly queue: QueueAddress; readonly accounts: readonly Account[] }
  | { readonly type: "staff"; readonly accounts: readonly Account[]; readonly seed: number }
  | ({ readonly type: "drill"; readonly drill: DrillName; readonly commands: number } & Watched)
  | ({ readonly type: "idle"; readonly seconds: number } & Watched);

export type Answer =
  | { readonly type: "connected" }
  | { readonly type: "drilled"; readonly result: DrillResult }
  | ({ readonly type: "rested" } & Rest);

/** A while in which nothing was asked. Milliseconds, microseconds. */
export interface Rest {
  readonly window: number;
  readonly cpu: CpuReading;
}

/** One queue's load generator, as the benchmark commands it. */
export interface QueueLoad {
  connectPatients(queue: QueueAddress, accounts: readonly Account[]): Promise<void>;
  /** After everyone waits: the queue is read here. */
  connectStaff(accounts: readonly Account[], seed: number): Promise<void>;
  drill(drill: DrillName, commands: number, processes: readonly WatchedProcess[]): Promise<DrillResult>;
  idle(seconds: number, processes: readonly WatchedProcess[]): Promise<Rest>;
  end(): Promise<void>;
}

export function startQueueLoad(): QueueLoad {
  const worker = startWorker<Order, Answer>(new URL("process.ts", import.meta.url));
  return {
    connectPatients: async (queue, accounts) => {
      await worker.ask({ type: "patients", queue, accounts });
    },
    connectStaff: async (accounts, seed) => {
      await worker.ask({ type: "staff", accounts, seed });
    },
    drill: async (drill, commands, processes) => {
      const answer = await worker.ask({ type: "drill", drill, commands, processes });
      if (answer.type === "drilled") return answer.result;
      throw new Error(`The load generator answered "${answer.type}".`);
    },
    idle: async (seconds, processes) => {
      const answer = await worker.ask({ type: "idle", seconds, processes });
      if (answer.type === "rested") return answer;
      throw new Error(`The load generator answered "${answer.type}".`);
    },
    end: worker.end,
  };
}
