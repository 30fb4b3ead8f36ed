import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect, createServer, type Socket } from "node:net";
import express from "express";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sendBytes } from "../../api/http/bytes.ts";
import type { Principal } from "../../core/domain/principal.ts";
import { createEventStreams } from "../../core/platform/journal/event-streams.ts";
import { feedStart } from "../../core/platform/journal/feed.ts";
import type { PublicEvent } from "../../core/protocol/rest-events.ts";
import { type ApiFixture, startApi } from "../api/start-api.ts";
import type { WrittenRoom } from "../persistence/written-room.ts";
import { freePort } from "../support/ports.ts";
import { type Names, startNames } from "./names.ts";
import { type Nginx, startNginx } from "./nginx.ts";

const heartbeatMs = 500;
const readTimeoutMs = 3_000;

let names: Names;
let api: ApiFixture;
let admin: string;
let room: WrittenRoom;
let process: Process;
let nginx: Nginx;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  names = await startNames();
  names.set("rooms", ["127.0.0.1"]);
  api = await startApi({}, {}, { heartbeatMs });
  admin = await api.token("admin");
  room = await api.paper.room({ kind: "chat", id: "c1" }, "demo-clinic");
  process = await startProcess(Number(new URL(api.url).port));
  nginx = await through(process.port);
}, 120_000);
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});
afterAll(async () => {
  await nginx?.dispose();
  await process?.kill();
  await api?.close();
  await names?.close();
});

/** The nginx of our deployment, which is as patient with a silent process as is said here and otherwise as it is. */
const through = (roomsPort: number): Promise<Nginx> =>
  startNginx({
    resolver: names.address,
    roomsPort,
    spoil: (template) => {
      const changed = template.replace(
        "      # Events are passed on as they come.\n",
        `      proxy_read_timeout ${readTimeoutMs}ms;\n`,
      );
      expect(changed).not.toBe(template);
      return changed;
    },
  });

interface Process {
  readonly port: number;
  /** Everything that is connected to it is cut, and nobody answers there any more. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The way to the API, as a process: it can be killed, and comes back with nothing in memory. */
async function startProcess(to: number): Promise<Process> {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(to, "127.0.0.1");
    for (const each of [socket, onward]) {
      sockets.add(each);
      each.on("error", () => undefined);
      each.on("close", () => {
        sockets.delete(each);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward).pipe(socket);
  });
  const start = async () => void (await once(server.listen(port, "127.0.0.1"), "listening"));
  await start();
  return {
    port,
    start,
    kill: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function say(count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    ...{ at: 5, by: "clinician" },
    event: { type: "chat.message", id: `m${i}`, body: "x" },
  }));
  expect(await api.paper.journal.append([room.part(events)])).toEqual(["appended"]);
}

/** Blocks of a stream through the nginx; null: it has ended, however. */
async function open(headers: Readonly<Record<string, string>> = {}) {
  const outgoing = request(`${nginx.url}/v1/events/stream`, {
    headers: { authorization: `Bearer ${admin}`, ...headers },
    ...{ ca: nginx.certificate, agent: false },
  });
  outgoing.on("error", () => undefined);
  outgoing.end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response?.statusCode !== 200) {
    outgoing.destroy();
    return null;
  }
  const pieces = response.setEncoding("utf8")[Symbol.asyncIterator]();
  let rest = "";
  const next = async (): Promise<string | null> => {
    while (!rest.includes("\n\n")) {
      const piece = await pieces.next().catch(() => ({ done: true, value: "" }));
      if (piece.done) return null;
      rest += String(piece.value);
    }
    const [block = ""] = rest.split("\n\n", 1);
    rest = rest.slice(block.length + 2);
    return block;
  };
  undo.push(() => outgoing.destroy());
  return { next };
}

const idOf = (block: string): string | undefined => /^id: (.+)$/m.exec(block)?.[1];
const seqOf = (block: string): number | null => {
  const [, data] = /^data: (.+)$/m.exec(block) ?? [];
  return data === undefined ? null : Number(JSON.parse(data).seq);
};

/** A client as it should be: it keeps the last id, and comes back with it when the stream ends. */
async function follow(seen: number[], until: number, after: string): Promise<void> {
  let last = after;
  while (seen.at(-1) !== until) {
    const stream = await open({ "last-event-id": last }).catch(() => null);
    for (let block = await stream?.next(); block; block = await stream?.next()) {
      last = idOf(block) ?? last;
      const seq = seqOf(block);
      if (seq !== null) seen.push(seq);
      if (seq === until) return;
    }
    // As long as `retry` would have it, but for the hurry of tests.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a silent stream stays open for longer than nginx waits for a process, and an event comes at once", async () => {
  const stream = await open();
  expect(await stream?.next()).toMatch(/^retry: /);
  const since = performance.now();
  let beats = 0;
  while (performance.now() - since < readTimeoutMs * 1.5) {
    expect(await stream?.next()).toMatch(/^: still here/);
    beats += 1;
  }
  expect(beats).toBeGreaterThan(1);
  await say(1);
  let block = await stream?.next();
  while (block?.startsWith(":")) block = await stream?.next();
  expect(seqOf(block ?? "")).toBe(1);
}, 60_000);

test("whatever dies, a client that comes back with the last id has every event once, in order", async () => {
  const seen: number[] = [];
  const more = async (upTo: number) => {
    await say(5);
    await expect.poll(() => seen.at(-1), { timeout: 30_000 }).toBe(upTo);
  };
  const { body } = await api.call("GET", "/v1/events", { token: admin });
  const following = follow(seen, 31, body.next);
  await more(6);
  await process.kill();
  await say(5);
  await process.start();
  await more(16);
  await nginx.dispose();
  await say(5);
  nginx = await through(process.port);
  await more(26);
  await process.kill();
  await nginx.dispose();
  await say(5);
  await process.start();
  nginx = await through(process.port);
  await following;
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => i + 2));
}, 120_000);

test("a client that takes nothing is cut, and no more is made for it than fits in between", async () => {
  const by: Principal = { org: "clinic", id: "i", name: "i", roles: ["integrator"], session: "s" };
  let made = 0;
  const event = (i: number): PublicEvent => ({
    ...{ id: `chat_c_${i}`, type: "chat.message", version: 1, at: 1, org: "clinic", seq: i, actor: "a" },
    ...{ room: { kind: "chat", id: "c" }, data: { text: "x".repeat(1_000) }, cursor: "MS4xLjE" },
  });
  const pageBytes = 100_000;
  let cut = false;
  const streams = createEventStreams({
    // There is always more, and at once.
    events: {
      read: async () => {
        made += 1;
        return { items: Array.from({ length: 100 }, (_, i) => event(i)), next: feedStart, more: true };
      },
    },
    feed: { end: async () => feedStart },
    bus: {
      watch: () => () => {
        cut = true;
      },
    },
    onSessionEnded: () => () => undefined,
    stallMs: 1_000,
  });
  const app = express().get("/v1/events/stream", (_, response) => {
    void sendBytes(response, 200, streams.open(by, { after: undefined, types: ["*"] }));
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const roomsPort = typeof address === "object" && address ? address.port : 0;
  const own = await startNginx({ resolver: names.address, roomsPort });
  undo.push(
    () => own.dispose(),
    () => void server.close(),
  );
  const outgoing = request(`${own.url}/v1/events/stream`, { ca: own.certificate, agent: false });
  outgoing.on("error", () => undefined);
  outgoing.end();
  undo.push(() => outgoing.destroy());
  // It has its answer, and reads nothing of it.
  await once(outgoing, "response");
  // Sooner than nginx would have given it up by itself.
  await expect.poll(() => cut, { timeout: 30_000 }).toBe(true);
  expect(made * pageBytes).toBeGreaterThan(pageBytes);
  // What the system keeps for the three connections in a row, whatever it is set to here.
  expect(made * pageBytes).toBeLessThan(64 * 1024 * 1024);
}, 60_000);
