import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process that follows orders, one at a time. */
export interface Worker<Order, Answer> {
  readonly pid: number;
  /** Throws when the order failed or the process ended. */
  ask(order: Order): Promise<Answer>;
  end(): Promise<void>;
}

/** What a worker sends when an order failed. */
export interface Failed {
  readonly type: "failed";
  readonly message: string;
}

/** Starts a load generator: a process of its own, so that its cost is not the server's. */
export function startWorker<Order extends object, Answer extends { readonly type: string }>(
  module: URL,
): Worker<Order, Answer> {
  const child = fork(fileURLToPath(module), { serialization: "advanced" });
  if (child.pid === undefined) throw new Error("The load generator did not start.");
  return {
    pid: child.pid,
    ask: (order) => ask<Answer>(child, order),
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** The worker's side: follows what arrives, and ends when whoever started it has ended. */
export function followOrders<Order, Answer extends object>(follow: (order: Order) => Promise<Answer>): void {
  process.on("message", (order: Order) => {
    follow(order)
      .catch((error: unknown): Failed => ({ type: "failed", message: String(error) }))
      .then((answer) => process.send?.(answer));
  });
  process.on("disconnect", () => process.exit());
}

async function ask<Answer extends { readonly type: string }>(
  child: ChildProcess,
  order: object,
): Promise<Answer> {
  const ended = new AbortController();
  const answered = once(child, "message", { signal: ended.signal });
  const exited = once(child, "exit", { signal: ended.signal }).then(() => {
    throw new Error("The load generator ended.");
  });
  child.send(order);
  try {
    const [answer]: (Answer | Failed)[] = await Promise.race([answered, exited]);
    if (!answer) throw new Error("The load generator gave no answer.");
    if (isFailed(answer)) throw new Error(answer.message);
    return answer;
  } finally {
    ended.abort();
    exited.catch(() => undefined);
    answered.catch(() => undefined);
  }
}

function isFailed(answer: object): answer is Failed {
  return "type" in answer && answer.type === "failed";
}
