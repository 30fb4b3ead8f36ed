import { WebSocketClient } from "@colyseus/ws-transport";
import { beforeEach, expect, test } from "vitest";
import WebSocket from "ws";
import type { Principal } from "../../core/domain/principal.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { Attendance } from "./attendance.ts";
import { Connections } from "./connections.ts";
import { Crowd, type RoomClient } from "./crowd.ts";
import { Gate } from "./gate.ts";

const anna: Principal = { org: "clinic", id: "anna", name: "Anna", roles: ["patient"], session: "s" };
const log = createLogger({ level: "silent" });

let told: string[];
let gate: Gate;
let crowd: Crowd;
let timers: (() => void)[];
let attendance: Attendance;

beforeEach(() => {
  told = [];
  timers = [];
  gate = new Gate();
  crowd = new Crowd(() => log);
  attendance = new Attendance({
    wheel: {
      after: (_, task) => {
        timers.push(task);
        return () => {};
      },
      stop: () => {},
    },
    crowd,
    gate,
    connections: new Connections(),
    watch: { returned: (_, from) => told.push(`returned, was ${from}`) },
    seatMs: 10,
    present: (person, online) => told.push(`${person} ${online ? "here" : "gone"}`),
    trace: ({ id }, what) => told.push(`${id} ${what}`),
  });
});

/** A connection's socket as the server has it; nobody is at its other end. */
function socket(): WebSocket {
  return Reflect.construct(WebSocket, [null, undefined, {}]);
}

function connection(sessionId: string): RoomClient {
  return new WebSocketClient(sessionId, socket());
}

test("a person is here from the first of their connections to the last", () => {
  const [phone, laptop] = [connection("1"), connection("2")];
  attendance.came(phone, anna);
  attendance.came(laptop, anna);
  attendance.left(phone, anna);
  attendance.left(laptop, anna);
  expect(told).toEqual([
    "anna room.joined",
    "anna here",
    "anna room.joined",
    "anna room.left",
    "anna room.left",
    "anna gone",
  ]);
});

test("whoever was refused at the door has neither come nor left", () => {
  attendance.left(connection("1"), anna);
  expect(told).toEqual([]);
});

test("whoever follows a room that has moved was here all the time; whoever does not has gone", () => {
  attendance.expect({ sessions: [{ sessionId: "1", auth: anna }], awaited: ["bob"] });
  attendance.came(connection("1"), anna);
  expect(told).toEqual(["returned, was moved"]);
  expect(attendance.expected()).toEqual(["bob"]);
  for (const task of timers) task();
  expect(told.slice(1)).toEqual(["bob gone"]);
});

test("what happens while the room is being handed over is noted as it is when the room stays", async () => {
  const phone = connection("1");
  attendance.came(phone, anna);
  gate.close();
  attendance.left(phone, anna);
  expect(told.at(-1)).toBe("anna room.left");
  expect([...attendance.absent(new Set())]).toEqual([]);
  gate.open();
  await gate.passable();
  await Promise.resolve();
  expect(told.at(-1)).toBe("anna gone");
});

test("a connection that asks and does not read is cut, as one that is only sent to", () => {
  const frame = Buffer.from("frame");
  const slow = socket();
  let cut = false;
  let sent = 0;
  Object.defineProperties(slow, {
    bufferedAmount: { get: () => 5 * 1024 * 1024 },
    terminate: {
      value: () => {
        cut = true;
      },
    },
    send: {
      value: () => {
        sent += 1;
      },
    },
  });
  crowd.answer(new WebSocketClient("1", slow), frame);
  expect([cut, sent]).toEqual([true, 0]);
});
