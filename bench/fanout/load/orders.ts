import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { DialectName, Place } from "./dialects.ts";
import type { RunOptions, RunResult } from "./run.ts";

export type Order =
  | { readonly type: "join"; readonly dialect: DialectName; readonly rooms: readonly (readonly Place[])[] }
  | { readonly type: "run"; readonly options: RunOptions }
  | { readonly type: "leave" };

export type Answer =
  | { readonly type: "joined"; readonly members: number }
  | { readonly type: "result"; readonly result: RunResult }
  | { readonly type: "left" }
  | { readonly type: "failed"; readonly message: string };

/** The load generator's process, as the benchmark commands it. */
export interface Load {
  join(dialect: DialectName, rooms: readonly (readonly Place[])[]): Promise<void>;
  run(options: RunOptions): Promise<RunResult>;
  leave(): Promise<void>;
  end(): Promise<void>;
}

export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL("process.ts", import.meta.url)), { serialization: "advanced" });
  const command = (order: Order) => ask(child, order);
  return {
    join: async (dialect, rooms) => {
      await command({ type: "join", dialect, rooms });
    },
    run: async (options) => {
      const answer = await command({ type: "run", options });
      if (answer.type !== "result") throw new Error(`The load generator answered "${answer.type}".`);
      return answer.result;
    },
    leave: async () => {
      await command({ type: "leave" });
    },
    end: async () => {
      const exited = once(child, "exit");
      child.disconnect();
      await exited;
    },
  };
}

async function ask(child: ChildProcess, order: Order): Promise<Answer> {
  const ended = new AbortController();
  const answered = once(child, "message", { signal: ended.signal });
  const exited = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error("The load generator ended.");
  });
  child.send(order);
  try {
    const [answer]: Answer[] = await Promise.race([answered, exited]);
    if (!answer) throw new Error("The load generator gave no answer.");
    if (answer.type === "failed") throw new Error(answer.message);
    return answer;
  } finally {
    ended.abort();
    exited.catch(() => undefined);
    answered.catch(() => undefined);
  }
}
