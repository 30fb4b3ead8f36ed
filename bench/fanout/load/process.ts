/** The load generator: a process of its own, so that its cost is not the server's. Spoken to by IPC. */
import { followOrders } from "../../worker.ts";
import { type Dialect, dialects, type Place } from "./dialects.ts";
import type { Answer, Order } from "./orders.ts";
import { LoadRun, type Member } from "./run.ts";

const joinsAtOnce = 10;

let dialect: Dialect = dialects.ws;
let members: readonly Member[] = [];
let runs = 0;

async function follow(order: Order): Promise<Answer> {
  switch (order.type) {
    case "join": {
      dialect = dialects[order.dialect];
      members = await joinAll(order.rooms);
      return { type: "joined", members: members.length };
    }
    case "run":
      return { type: "result", result: await new LoadRun(dialect, members, ++runs, order.options).measure() };
    case "leave": {
      for (const { socket } of members) socket.close();
      members = [];
      return { type: "left" };
    }
  }
}

/** Room by room, a few members at a time. */
async function joinAll(rooms: readonly (readonly Place[])[]): Promise<readonly Member[]> {
  const places = rooms.flatMap((room, number) => room.map((at, place) => ({ at, room: number, place })));
  const joined: Member[] = [];
  let next = 0;
  const worker = async () => {
    while (next < places.length) {
      const index = next++;
      const place = places[index];
      if (!place) return;
      joined[index] = { socket: await dialect.join(place.at), room: place.room, place: place.place };
    }
  };
  await Promise.all(Array.from({ length: joinsAtOnce }, worker));
  return joined;
}

followOrders(follow);
