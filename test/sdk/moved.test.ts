import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { LiveChat } from "../../client/sdk/chat/live-chat.ts";
import { memoryOutboxStore } from "../../client/sdk/chat/outbox-store.ts";
import { colyseusRoom } from "../../client/sdk/connection/colyseus.ts";
import { RoomConnection } from "../../client/sdk/connection/room-connection.ts";
import type { ChatSnapshot } from "../../client/sdk/index.ts";
import { systemClock } from "../../client/sdk/lib/clock.ts";
import { freePort } from "../support/ports.ts";
import { launch, type Running, type TemporaryFolder, temporaryFolder } from "../support/processes.ts";
import { live, until } from "./clinic.ts";
import { type ChatEvent, followChat } from "./stock-client.ts";

/** Two plain Colyseus servers that can move rooms to each other; the third process is this one. */
interface Plain {
  readonly url: string;
  readonly process: Running;
}

let journal: TemporaryFolder;
let here: Plain;
let there: Plain;

beforeAll(async () => {
  journal = temporaryFolder("journal");
  [here, there] = await Promise.all([start(), start()]);
}, 60_000);
afterAll(async () => {
  for (const plain of [here, there]) plain?.process.signal("SIGKILL");
  await Promise.all([here, there].map((plain) => plain?.process.exited));
  journal.remove();
});

async function start(): Promise<Plain> {
  const port = await freePort();
  const process_ = await launch({
    command: process.execPath,
    args: ["test/sdk/moving-server.ts", "--port", String(port), "--journal", journal.path],
    env: { PATH: process.env.PATH },
    ready: /Listening/,
    readyWithin: 60_000,
  });
  return { url: `http://localhost:${port}`, process: process_ };
}

async function tell({ url }: Plain, path: string, body: object = {}): Promise<void> {
  const response = await fetch(`${url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
}

async function sessionsAt({ url }: Plain, room: string): Promise<readonly object[]> {
  const response = await fetch(`${url}/sessions/${room}`);
  return response.json();
}

/** Resolves when the room has so many connections there; the test's time limit ends the wait. */
async function seated(at: Plain, room: string, count: number): Promise<readonly object[]> {
  for (;;) {
    const sessions = await sessionsAt(at, room);
    if (sessions.length === count) return sessions;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The SDK's chat as `person`, with all that it shows. */
async function chatOf(person: string, id: string) {
  const client = new Client(here.url);
  const tokens = { token: async () => person, renew: async () => person };
  const open = colyseusRoom(client, tokens, "chat", id);
  const chat = new LiveChat({
    id,
    scope: { origin: here.url, person, chat: id },
    connect: (host) => new RoomConnection({ open, host, clock: systemClock, hints: () => () => undefined }),
    readAhead: true,
    history: async () => ({ items: [], next: null }),
    store: memoryOutboxStore(),
    clock: systemClock,
    closed: () => undefined,
  });
  onTestFinished(() => chat.leave());
  const statuses: string[] = [];
  const seqs: number[] = [];
  chat.on("status", (status) => statuses.push(status));
  chat.on("event", ({ seq }) => seqs.push(seq));
  await live(chat);
  return { chat, statuses, seqs };
}

/** A stock client as `person`, with the events that it was shown. */
async function stockOf(person: string, id: string) {
  const client = new Client(here.url);
  client.auth.token = person;
  const events: ChatEvent[] = [];
  let look = () => {};
  const { joined, send, room } = followChat(client, id, (event) => {
    events.push(event);
    look();
  });
  onTestFinished(async () => void (await room().leave()));
  await joined;
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      look = () => events.length >= count && resolve();
      look();
    });
  return { send, events, reached };
}

const bodies = ({ messages }: ChatSnapshot) => messages.map(({ body }) => body);
const settled = (count: number) => (snapshot: ChatSnapshot) =>
  snapshot.messages.length === count && snapshot.outbox.length === 0;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

test("the SDK and a stock client follow a room from process to process, and miss nothing", async () => {
  const [ours, stock] = [await chatOf("ann", "travels"), await stockOf("bob", "travels")];
  const people = await seated(here, "travels", 2);
  const written: string[] = [];
  const write = async (send: (body: string) => Promise<unknown>) => {
    for (let n = 0; n < 4; n += 1) {
      const body = `message ${written.length}`;
      written.push(body);
      await send(body);
    }
  };
  const writeBoth = () => Promise.all([write((body) => ours.chat.send(body)), write(stock.send)]);
  for (const [from, to] of [
    [here, there],
    [there, here],
    [here, there],
  ] as const) {
    await writeBoth();
    await Promise.all([tell(from, "/move", { room: "travels", to: to.url }), writeBoth()]);
    expect(await seated(to, "travels", 2)).toEqual(expect.arrayContaining([...people]));
    await seated(from, "travels", 0);
  }
  await until(ours.chat, settled(written.length));
  await stock.reached(written.length);
  expect([...bodies(ours.chat.snapshot)].sort()).toEqual([...written].sort());
  expect(ours.seqs).toEqual(upTo(written.length));
  expect(stock.events.map(({ seq }) => seq)).toEqual(upTo(written.length));
  expect(ours.statuses).toEqual(["live"]);
}, 60_000);

test("an answer that was lost on the way is got from where the room is, and nothing is done twice", async () => {
  const { chat, statuses, seqs } = await chatOf("ann", "lost-answer");
  await tell(here, "/silence/lost-answer");
  const sent = chat.send("once");
  const reacted = chat.react(1, "👍", true);
  await until(chat, ({ outbox }) => outbox.length === 1);
  await tell(here, "/move", { room: "lost-answer", to: there.url });
  await expect(sent).resolves.toMatchObject({ seq: 1 });
  await reacted;
  await until(chat, ({ lastSeq }) => lastSeq === 2);
  expect(chat.snapshot.messages).toMatchObject([{ body: "once", reactions: { "👍": ["ann"] } }]);
  expect(seqs).toEqual([1, 2]);
  expect(statuses).toEqual(["live"]);
}, 30_000);

test.each(["refused", "unreachable", "silent"] as const)(
  "a kept seat that is %s is let go, and the room joined again",
  async (how) => {
    const id = `astray-${how}`;
    const ours = await chatOf("ann", id);
    const stock = how === "silent" ? null : await stockOf("bob", id);
    await ours.chat.send("before");
    const mute = createServer(() => undefined);
    mute.listen(0, "127.0.0.1");
    onTestFinished(() => void mute.close());
    await once(mute, "listening");
    const address = mute.address();
    const astray = {
      refused: { sessionId: "of-nobody" },
      unreachable: { publicAddress: `localhost:${await freePort()}` },
      silent: { publicAddress: typeof address === "object" ? `127.0.0.1:${address?.port}` : "" },
    }[how];
    await tell(here, "/move", { room: id, to: there.url, astray });
    await ours.chat.send("after");
    expect(bodies(await until(ours.chat, settled(2)))).toEqual(["before", "after"]);
    expect(ours.statuses).toEqual(["live", "recovering", "live"]);
    await stock?.reached(2);
  },
  30_000,
);

test("after a crash both join again, and go on where they were", async () => {
  const [ours, stock] = [await chatOf("ann", "crash"), await stockOf("bob", "crash")];
  await ours.chat.send("before");
  await tell(here, "/move", { room: "crash", to: there.url });
  await seated(there, "crash", 2);
  await stock.send("there");
  there.process.signal("SIGKILL");
  const sent = [ours.chat.send("meanwhile"), stock.send("meanwhile too")];
  await seated(here, "crash", 2);
  await Promise.all(sent);
  await until(ours.chat, settled(4));
  await stock.reached(4);
  expect(ours.seqs).toEqual(upTo(4));
  expect(stock.events.map(({ seq }) => seq)).toEqual(upTo(4));
  expect(ours.statuses).toEqual(["live", "recovering", "live"]);
}, 30_000);

test("the docs show the stock client as it is tried here", async () => {
  const [code, page] = await Promise.all([
    readFile(new URL("stock-client.ts", import.meta.url), "utf8"),
    readFile(new URL("../../docs/stock-client.md", import.meta.url), "utf8"),
  ]);
  const [, shown = ""] = /from here\n(.*)\n {2}\/\/ to here/s.exec(code) ?? [];
  expect(shown).toContain("consumeSeatReservation");
  for (const part of shown.split("\n\n")) expect(page).toContain(part.replace(/^ {2}/gm, ""));
});
