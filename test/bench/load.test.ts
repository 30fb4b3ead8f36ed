import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { dialects } from "../../bench/fanout/load/dialects.ts";
import { LoadRun, type Member, type RunResult } from "../../bench/fanout/load/run.ts";

const rooms = 3;
const membersPerRoom = 4;

/** Sends a message to its room; a test makes it do so badly. */
type Broadcast = (message: Buffer, number: number, room: readonly WebSocket[]) => void;

const toAll: Broadcast = (message, _number, room) => {
  for (const member of room) member.send(message, { binary: false });
};

async function measure(broadcast: Broadcast, drain = 0.2): Promise<RunResult> {
  const connected = new Map<string, WebSocket[]>();
  let count = 0;
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on("connection", (socket, request) => {
    const room = connected.get(request.url ?? "") ?? [];
    connected.set(request.url ?? "", [...room, socket]);
    socket.on("message", (data: Buffer) => broadcast(data, count++, connected.get(request.url ?? "") ?? []));
  });
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const members: Member[] = [];
  for (let room = 0; room < rooms; room++) {
    for (let place = 0; place < membersPerRoom; place++) {
      members.push({ socket: await dialects.ws.join({ url, room: `room-${room}` }), room, place });
    }
  }
  const options = { rate: 400, lead: 0.1, seconds: 0.4, drain, processes: [] };
  return await new LoadRun(dialects.ws, members, 1, options).measure();
}

const sent = 200;

test("an honest server has no faults, and everyone hears everything", async () => {
  const result = await measure(toAll);
  expect(result).toMatchObject({
    messages: 160,
    unsent: 0,
    missing: 0,
    duplicates: 0,
    refused: 0,
    note: null,
  });
  expect(result.p50).toBeGreaterThan(0);
  expect(result.p99).toBeGreaterThanOrEqual(result.p50);
});

test("a delivery that never comes is missing, and its message counts as late as we waited", async () => {
  const result = await measure((message, number, room) =>
    toAll(message, number, number % 50 === 0 ? room.slice(1) : room),
  );
  expect(result.missing).toBe(sent / 50);
  expect(result.p99).toBeGreaterThan(200);
});

test("a second delivery of the same message is a duplicate, not a replacement for a missing one", async () => {
  const result = await measure((message, number, room) => {
    const [first, second] = room;
    if (number === 7 && first && second) toAll(message, number, [first, first, ...room.slice(2)]);
    else toAll(message, number, room);
  });
  expect(result).toMatchObject({ missing: 1, duplicates: 1 });
});

test("several messages in one frame each count", async () => {
  const held = new Map<readonly WebSocket[], Buffer>();
  const result = await measure((message, _number, room) => {
    const before = held.get(room);
    if (before) held.delete(room);
    else held.set(room, message);
    if (before) toAll(Buffer.concat([before, message]), 0, room);
  });
  // Each room had 66 or 67 messages: an odd one out is still held back.
  expect(result.missing).toBe(held.size * membersPerRoom);
  expect(result.duplicates).toBe(0);
});

test("latency counts from the intended time: a server that stalls delays all that was due meanwhile", async () => {
  let stalledUntil = 0;
  const result = await measure((message, number, room) => {
    if (number === 60) {
      stalledUntil = performance.now() + 100;
      while (performance.now() < stalledUntil);
    }
    toAll(message, number, room);
  });
  // 100 ms of 400 messages/s: forty of them waited, the first for all of it.
  expect(result.max).toBeGreaterThan(95);
  expect(result.p99).toBeGreaterThan(80);
});

test("a connection that the server closes ends the run", async () => {
  const result = await measure((message, number, room) => {
    if (number === 20) room[0]?.close();
    toAll(message, number, room);
  });
  expect(result.unsent).toBeGreaterThan(0);
  expect(result.note).toContain("closed by the server");
});
