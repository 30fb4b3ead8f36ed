import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type KeyRing, openKeyFile } from "../../core/platform/crypto/key-ring.ts";
import { type Database, openPostgres } from "../../core/platform/database/database.ts";
import { type Arrivals, createArrivals } from "../../core/platform/journal/arrivals.ts";
import { createBus } from "../../core/platform/journal/bus.ts";
import { writeCursor } from "../../core/platform/journal/cursor.ts";
import { createFeed, feedStart } from "../../core/platform/journal/feed.ts";
import { createPublicEvents } from "../../core/platform/journal/public-events.ts";
import { createLogger } from "../../core/platform/logger.ts";
import { privateRanges } from "../../core/platform/net/addresses.ts";
import { createOutbound } from "../../core/platform/net/outbound.ts";
import { type DispatcherTimes, startDispatcher } from "../../core/platform/webhooks/dispatcher.ts";
import { createWebhooks } from "../../core/platform/webhooks/webhooks.ts";
import { createPaper, type Paper, type WrittenRoom } from "../persistence/written-room.ts";
import { type Postgres, startPostgres } from "../support/postgres.ts";
import { compileCache, launch, temporaryFolder } from "../support/processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = temporaryFolder("webhooks");
const keyFile = join(folder.path, "keys.json");
let postgres: Postgres;
let database: Database;
let ring: KeyRing;
let paper: Paper;
beforeAll(async () => {
  postgres = await startPostgres();
  database = await openPostgres(postgres.url, 8);
  ring = await openKeyFile(keyFile);
  paper = createPaper(database, ring);
}, 60_000);
afterAll(async () => {
  await database.close();
  await postgres.dispose();
  folder.remove();
});

/** Other tests keep the machine busy. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 25_000, interval: 20 });

const log = createLogger({ level: "silent" });
const outbound = createOutbound({ allowed: privateRanges });
let arrivals: Arrivals;
let clock: { ahead: number };
const undo: (() => unknown)[] = [];
let org = "";
let tests = 0;
beforeEach(() => {
  tests += 1;
  org = `clinic-${tests}`;
  arrivals = createArrivals();
  clock = { ahead: 0 };
});
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  await database.db.deleteFrom("webhook").execute();
});

const now = (): number => Date.now() + clock.ahead;
const feed = () => createFeed({ ...database, keys: paper.keys, log });
const webhooks = () =>
  createWebhooks({ ...database, feed: feed(), outbound, ring, now, wake: arrivals.notify });

function dispatch(times: Partial<DispatcherTimes> = {}) {
  const bus = createBus({ feed: feed(), arrivals, log, latest: 20 });
  const stopped: string[] = [];
  const dispatcher = startDispatcher({
    ...{ db: database.db, events: createPublicEvents(feed()), feed: feed(), bus, outbound, ring, log, now },
    stopped: async (_, state) => void stopped.push(state),
    times: { latest: 20, lease: 2_000, rest: 20, failures: 1_000, ...times },
  });
  const deaf = arrivals.listen(dispatcher.wake);
  undo.push(async () => {
    deaf();
    await dispatcher.stop();
    await bus.stop();
  });
  return { stopped };
}

interface Received {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver that answers as it is told; it keeps what came. */
async function receive(
  answer: (received: Received, response: ServerResponse) => void = (_, r) => void r.end(),
) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += piece;
    const one = { id: String(request.headers["webhook-id"]), headers: request.headers, body };
    received.push(one);
    answer(one, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  undo.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/hook`;
  return { url, received, ids: () => received.map(({ id }) => id) };
}

const verify = (secret: string, { body, headers }: Received): unknown =>
  new Webhook(secret).verify(body, {
    "webhook-id": String(headers["webhook-id"]),
    "webhook-timestamp": String(headers["webhook-timestamp"]),
    "webhook-signature": String(headers["webhook-signature"]),
  });

const room = (id: string): Promise<WrittenRoom> => paper.room({ kind: "chat", id: `${id}-${tests}` }, org);
async function write(into: WrittenRoom, count = 1): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    at: 1_000,
    by: "a",
    event: { type: "chat.message", id: `m${i}`, body: "こんにちは" },
  }));
  expect(await paper.journal.append([into.part(events)])).toEqual(["appended"]);
  arrivals.notify();
}
const create = async (url: string, types: readonly string[] = ["*"]) => {
  const { webhook, secret } = await webhooks().create(org, "admin", { url, types });
  return { id: webhook.id, secret };
};
const idsOf = (into: WrittenRoom, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `chat_${into.ref.id}_${from + i}`);
const states = async (id: string) =>
  (await webhooks().deliveries(org, id, { limit: 200 })).map(({ state }) => state);

describe("webhooks", { timeout: 60_000 }, () => {
  it("deliver what happens from now on, signed as the library checks it, without texts", async () => {
    const receiver = await receive();
    const chat = await room("r");
    await write(chat);
    const { id, secret } = await create(receiver.url, ["chat.*"]);
    dispatch();
    await write(chat, 2);
    await eventually(() => receiver.ids()).toEqual(idsOf(chat, 2, 3));
    for (const one of receiver.received)
      expect(verify(secret, one)).toMatchObject({
        id: one.id,
        type: "chat.message",
        org,
        timestamp: "1970-01-01T00:00:01.000Z",
      });
    expect(JSON.stringify(receiver.received)).not.toContain("こんにちは");
    await eventually(() => states(id)).toEqual(["delivered", "delivered"]);
    const forged = receiver.received[0];
    expect(
      () => forged && verify(secret, { ...forged, body: forged.body.replace("chat", "chad") }),
    ).toThrow();
    expect(await webhooks().test(org, id)).toEqual({
      delivered: true,
      status: 200,
      fault: null,
      advice: null,
    });
    await expect(webhooks().get("another", id)).rejects.toThrow(/nothing here/);
  });

  it("keep a room's order while anything fails, and other rooms go on", async () => {
    // Answers at random, and one that never ends.
    let bad = 0;
    const receiver = await receive((_, response) => {
      const dice = Math.random();
      if (dice > 0.35 || bad > 60) return void response.end();
      bad += 1;
      if (dice < 0.1) response.writeHead(500).end();
      else if (dice < 0.2) response.writeHead(302, { location: "http://127.0.0.1:1/" }).end();
      else if (dice < 0.27) response.socket?.end("garbage\r\n\r\n");
      else response.destroy();
    });
    const rooms = await Promise.all(["a", "b", "c", "d"].map(room));
    const { id } = await create(receiver.url);
    // Every pause is over at once.
    clock = {
      get ahead() {
        jump += 600_000;
        return jump;
      },
      set ahead(_) {},
    };
    let jump = 0;
    dispatch({ patience: Number.MAX_SAFE_INTEGER, lease: 1e15 });
    dispatch({ patience: Number.MAX_SAFE_INTEGER, lease: 1e15 });
    for (let i = 0; i < 6; i += 1) for (const each of rooms) await write(each, 1 + (i % 2));
    await eventually(() => states(id)).toEqual(Array(36).fill("delivered"));
    for (const each of rooms) {
      const own = receiver.ids().filter((one) => one.startsWith(`chat_${each.ref.id}_`));
      // Repeats are of the last one alone: none comes before its predecessor was delivered.
      expect(own.filter((one, i) => one !== own[i - 1])).toEqual(idsOf(each, 1, 9));
    }
    expect(receiver.received.length).toBeGreaterThan(36);
  });

  it("one that hangs holds up its own room and nobody else's", async () => {
    const hanging = await receive(() => {});
    const steady = await receive();
    const [a, b] = [await room("a"), await room("b")];
    await create(hanging.url);
    await create(steady.url);
    dispatch();
    await write(a, 3);
    await write(b, 3);
    await eventually(() => steady.ids().toSorted()).toEqual([...idsOf(a, 1, 3), ...idsOf(b, 1, 3)]);
    await eventually(() => hanging.ids().toSorted()).toEqual([...idsOf(a, 1, 1), ...idsOf(b, 1, 1)]);
  });

  it("become dead letters after days, which let the next one through and can be sent again", async () => {
    let works = false;
    const receiver = await receive(
      ({ id }, response) => void response.writeHead(works || !id.endsWith("_1") ? 200 : 400).end(),
    );
    const chat = await room("r");
    const { id } = await create(receiver.url);
    dispatch({ patience: Number.MAX_SAFE_INTEGER });
    await write(chat, 2);
    for (let tries = 1; tries <= 10; tries += 1) {
      await eventually(() => receiver.ids().filter((one) => one.endsWith("_1")).length).toBe(tries);
      await eventually(
        async () => (await webhooks().deliveries(org, id, { limit: 9 })).at(-1)?.attempts,
      ).toBe(tries);
      clock.ahead += 30 * 3_600_000;
    }
    await eventually(() => receiver.ids().at(-1)).toBe(idsOf(chat, 2, 2)[0]);
    const [dead] = await webhooks().deliveries(org, id, { state: "dead", limit: 9 });
    expect(dead).toMatchObject({ seq: 1, attempts: 10, status: 400, fault: "status" });
    works = true;
    await webhooks().resend(org, id, dead?.id ?? 0);
    await eventually(() => states(id)).toEqual(["delivered", "delivered"]);
  });

  it("pause after days of failures, lose nothing, and go on when they are told to", async () => {
    let works = false;
    const receiver = await receive((_, response) => void response.writeHead(works ? 200 : 500).end());
    const [a, b] = [await room("a"), await room("b")];
    const { id } = await create(receiver.url);
    const { stopped } = dispatch();
    await write(a);
    await eventually(async () => (await webhooks().get(org, id)).failingSince).not.toBeNull();
    clock.ahead += 6 * 86_400_000;
    await eventually(() => stopped).toEqual(["paused"]);
    expect(await webhooks().get(org, id)).toMatchObject({ state: "paused", reason: "failing" });
    await write(b);
    works = true;
    await webhooks().change(org, id, { state: "active" });
    clock.ahead += 3_600_000;
    await eventually(() => states(id)).toEqual(["delivered", "delivered"]);
    expect(await webhooks().get(org, id)).toMatchObject({ state: "active", failingSince: null });
  });

  it("end with 410", async () => {
    const receiver = await receive((_, response) => void response.writeHead(410).end());
    const { id } = await create(receiver.url);
    const { stopped } = dispatch();
    await write(await room("r"));
    await eventually(() => stopped).toEqual(["disabled"]);
    expect(await webhooks().get(org, id)).toMatchObject({ state: "disabled", reason: "gone" });
  });

  it("are signed with both secrets for a day after a rotation", async () => {
    const receiver = await receive();
    const { id, secret: former } = await create(receiver.url);
    const chat = await room("r");
    dispatch();
    const { secret } = await webhooks().rotate(org, id);
    await write(chat);
    await eventually(() => receiver.received.length).toBe(1);
    const [both] = receiver.received;
    for (const one of [secret, former]) expect(both && verify(one, both)).toBeTruthy();
    clock.ahead += 25 * 3_600_000;
    await write(chat);
    await eventually(() => receiver.received.length).toBe(2);
    expect(String(receiver.received[1]?.headers["webhook-signature"]).split(" ")).toHaveLength(1);
  });

  it("are replayed from a cursor with the same ids, in order", async () => {
    const receiver = await receive();
    const chat = await room("r");
    const { id } = await create(receiver.url);
    dispatch();
    await write(chat, 4);
    await eventually(() => states(id)).toEqual(Array(4).fill("delivered"));
    const page = await createPublicEvents(feed()).read({ org, after: feedStart, types: ["*"], limit: 2 });
    await webhooks().replay(org, id, writeCursor(page.next));
    await eventually(() => receiver.ids()).toEqual([...idsOf(chat, 1, 4), ...idsOf(chat, 3, 4)]);
    // A cursor that is ahead leaves nothing out.
    await webhooks().replay(org, id, writeCursor({ tx: "9999999999", position: 0 }));
    await write(chat);
    await eventually(() => receiver.ids().at(-1)).toBe(idsOf(chat, 5, 5)[0]);
  });

  it("survive the kill of a process in the middle: nothing is lost, repeats have the same id", async () => {
    let open = false;
    const receiver = await receive((_, response) => void (open && response.end()));
    const rooms = await Promise.all(["a", "b", "c"].map(room));
    const { id } = await create(receiver.url);
    const victim = await launch({
      command: process.execPath,
      args: ["app/run.mjs", "test/webhooks/dispatcher-process.ts", postgres.url, keyFile],
      cwd: root,
      env: { PATH: process.env.PATH, ...compileCache },
      ready: /delivering/,
      readyWithin: 60_000,
    });
    for (const each of rooms) await write(each, 2);
    await eventually(() => receiver.received.length).toBe(3);
    victim.signal("SIGKILL");
    await victim.exited;
    open = true;
    dispatch({ lease: 1_000 });
    const all = rooms.flatMap((each) => idsOf(each, 1, 2)).sort();
    await eventually(() => states(id)).toEqual(Array(6).fill("delivered"));
    expect([...new Set(receiver.ids())].sort()).toEqual(all);
    expect(receiver.received.length).toBe(9);
  });
});
