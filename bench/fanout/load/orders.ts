import { startWorker } from "../../worker.ts";
import type { DialectName, Place } from "./dialects.ts";
import type { RunOptions, RunResult } from "./run.ts";

export type Order =
  | { readonly type: "join"; readonly dialect: DialectName; readonly rooms: readonly (readonly Place[])[] }
  | { readonly type: "run"; readonly options: RunOptions }
  | { readonly type: "leave" };

export type Answer =
  | { readonly type: "joined"; readonly members: number }
  | { readonly type: "result"; readonly result: RunResult }
  | { readonly type: "left" };

/** The load generator's process, as the benchmark commands it. */
export interface Load {
  join(dialect: DialectName, rooms: readonly (readonly Place[])[]): Promise<void>;
  run(options: RunOptions): Promise<RunResult>;
  leave(): Promise<void>;
  end(): Promise<void>;
}

export function startLoad(): Load {
  const worker = startWorker<Order, Answer>(new URL("process.ts", import.meta.url));
  return {
    join: async (dialect, rooms) => {
      await worker.ask({ type: "join", dialect, rooms });
    },
    run: async (options) => {
      const answer = await worker.ask({ type: "run", options });
      if (answer.type !== "result") throw new Error(`The load generator answered "${answer.type}".`);
      return answer.result;
    },
    leave: async () => {
      await worker.ask({ type: "leave" });
    },
    end: worker.end,
  };
}
