/** People, in a process of their own, which ends with its parent. Spoken to by IPC. */
import { followOrders } from "../../../bench/worker.ts";
import { Recorder } from "../../durability/recorder.ts";
import { ObservedSockets } from "./observed-sockets.ts";
import type { Answer, Order } from "./orders.ts";
import type { People } from "./people.ts";

let people: People | null = null;

async function follow(order: Order): Promise<Answer> {
  if (order.does === "begin") {
    const recorder = new Recorder(order.file);
    const sockets = new ObservedSockets(recorder);
    sockets.install();
    // The client library takes the platform's WebSocket when it is loaded.
    const { gather } = await import("./people.ts");
    people = await gather(order, recorder, sockets);
    return { type: "done", count: people.clients };
  }
  if (!people) throw new Error("Nobody is here yet.");
  switch (order.does) {
    case "start":
      people.start();
      return { type: "done", count: people.clients };
    case "flap":
      return { type: "done", count: await people.flap(order) };
    case "deafen":
      return { type: "done", count: await people.deafen(order) };
    case "rest":
      return { type: "rested", unsettled: await people.rest(order.withinMs) };
    case "end":
      return { type: "rested", unsettled: await people.end(order.withinMs) };
  }
}

followOrders(follow);
