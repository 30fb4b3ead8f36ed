/** Members of many rooms in a process of their own, so that their cost is not the servers'. Spoken to by IPC. */
import { followOrders } from "../../worker.ts";
import { Crowd } from "./crowd.ts";
import type { Answer, Order } from "./orders.ts";

let crowd = new Crowd([], "lean", () => elsewhere);
let elsewhere = "";
const done: Answer = { type: "done" };

async function follow(order: Order): Promise<Answer> {
  switch (order.type) {
    case "join":
      crowd = new Crowd(order.rooms, order.client, () => elsewhere);
      await crowd.join();
      return done;
    case "elsewhere":
      elsewhere = order.url;
      return done;
    case "start":
      crowd.start(order.options);
      return done;
    case "mark":
      crowd.mark();
      return done;
    case "progress":
      return { type: "progress", progress: crowd.progress() };
    case "finish":
      return { type: "records", records: await crowd.finish(order.patience) };
  }
}

followOrders(follow);
