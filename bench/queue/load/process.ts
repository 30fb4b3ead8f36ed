/** The load generator of one queue: a process of its own, so that its cost is not the server's. Spoken to by IPC. */
import { followOrders } from "../../worker.ts";
import { Clients } from "./clients.ts";
import type { Answer, Order } from "./orders.ts";
import { QueueRun } from "./run.ts";

let clients: Clients | null = null;
let run: QueueRun | null = null;

async function follow(order: Order): Promise<Answer> {
  switch (order.type) {
    case "patients":
      clients = new Clients(order.queue);
      await clients.connectPatients(order.accounts);
      return { type: "connected" };
    case "staff": {
      const all = opened(clients);
      await all.connectStaff(order.accounts);
      await all.quiet();
      run = new QueueRun(all, order.seed);
      return { type: "connected" };
    }
    case "drill": {
      const { drill, commands, processes } = order;
      return { type: "drilled", result: await opened(run).drill(drill, commands, processes) };
    }
    case "idle":
      return { type: "rested", ...(await opened(run).idle(order.seconds, order.processes)) };
  }
}

function opened<T>(part: T | null): T {
  if (part === null) throw new Error("Nobody is connected yet.");
  return part;
}

followOrders(follow);
