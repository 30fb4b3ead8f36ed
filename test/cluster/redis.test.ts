import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Redis as Client } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import type { ClusterRedis } from "../../rooms/cluster/redis/open-redis.ts";
import { freePort } from "../support/ports.ts";
import { type Redis, startRedis } from "../support/redis.ts";
import {
  atOnce,
  eventually,
  inbox,
  lookInto,
  memoryLog,
  opened,
  openPair,
  type Pair,
  type Relay,
  room,
  startRelay,
} from "./redis-harness.ts";

const never = 2 ** 31 - 1;
const listed = async (look: Client) => (await look.hkeys("roomcaches")).sort();

/** How many connections were ever made to it. */
const madeTo = async (look: Client) =>
  Number(/connections_received:(\d+)/.exec(await look.info("stats"))?.[1]);

describe("Redis that answers", () => {
  it("brings a message once to everyone who is subscribed, its sender included", async () => {
    const { a, b } = await openPair();
    const [atA, atB] = [await inbox(a, "x"), await inbox(b, "x")];
    for (const message of [1, undefined, null, { text: "二" }, "end"]) await a.presence.publish("x", message);
    await eventually(() => [atA.at(-1), atB.at(-1)]).toEqual(["end", "end"]);
    expect(atA).toEqual([1, false, null, { text: "二" }, "end"]);
    expect(atB).toEqual(atA);
    expect([await b.subscribers("x"), await b.subscribers("y")]).toEqual([2, 0]);
  });

  it("lists a roomId for one process alone", async () => {
    const { a, b } = await openPair({ checkEveryMs: never });
    const ids = Array.from({ length: 50 }, (_, i) => `chat-${i}_1`);
    const won = await Promise.all(
      ids.flatMap((id) => [a.driver.insert?.(room(id, "A")), b.driver.insert?.(room(id, "B"))]),
    );
    for (const [i, id] of ids.entries()) {
      expect([won[2 * i], won[2 * i + 1]].sort()).toEqual([false, true]);
      const owner = won[2 * i] ? "A" : "B";
      expect(await a.driver.findOne({ roomId: id })).toMatchObject({ roomId: id, processId: owner });
    }
    const all = await b.driver.query({});
    expect(all).toHaveLength(ids.length);
    expect(await b.driver.query({ processId: "A" })).toEqual(all.filter((one) => one.processId === "A"));
    await b.driver.cleanup?.("A");
    expect(await b.driver.query({ processId: "A" })).toEqual([]);
  });

  it("keeps nothing of the people in a room", async () => {
    const { a, look } = await openPair();
    const one = { ...room("chat-1_1", "A"), metadata: { title: "geheim" }, patient: "geheim" };
    await a.driver.insert?.(one);
    await a.driver.update(one, { $set: { metadata: "geheim" }, $inc: { clients: 1 } });
    expect(await a.driver.findOne({ roomId: "chat-1_1" })).toMatchObject({ clients: 1, processId: "A" });
    expect(JSON.stringify(await look.hgetall("roomcaches"))).not.toContain("geheim");
  });

  it("does not list an ended room again because of a late update", async () => {
    const { a, look } = await openPair();
    const ended = room("chat-1_1", "A");
    await a.driver.insert?.(ended);
    await a.driver.remove("chat-1_1");
    await a.driver.update(ended, { $inc: { clients: -1 } });
    await a.driver.persist(ended);
    expect(await listed(look)).toEqual([]);
    expect(ended.clients).toBe(-1);
  });

  it("takes names and passwords from the URL, and writes neither into the log", async () => {
    const { redis, look } = await openPair();
    await look.acl("SETUSER", "engine", "on", ">p@ss", "~*", "&*", "+@all");
    await look.acl("SETUSER", "mute", "on", ">p@ss", "~*", "resetchannels", "+@all");
    const log = memoryLog();
    const as = (who: string) => opened(`redis://${who}@127.0.0.1:${redis.port}/1`, log.logger);
    const [right, wrong, mute] = await Promise.all([
      as("engine:p%40ss"),
      as("engine:wr0ng"),
      as("mute:p%40ss"),
    ]);
    expect(right.connected()).toBe(true);
    expect(wrong.connected()).toBe(false);
    await mute.presence.subscribe("x", () => {});
    await eventually(() => log.text()).toContain('"reason":"NOPERM"');
    expect(log.text()).toContain('"reason":"WRONGPASS"');
    expect(log.text()).not.toMatch(/p@ss|p%40ss|wr0ng|redis:\/\/|127\.0\.0\.1/);
    // Refused again and again, and said once.
    const connections = async () =>
      Number(/total_connections_received:(\d+)/.exec(await look.info("stats"))?.[1]);
    const before = await connections();
    await eventually(connections).toBeGreaterThan(before + 8);
    expect(log.lines()).toHaveLength(2);
  });

  it("is spoken to in TLS where the URL says rediss", async () => {
    const first = Promise.withResolvers<Buffer>();
    const server = createServer((socket) => socket.once("data", first.resolve).on("error", () => {}));
    onTestFinished(() => void server.close());
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const opening = opened(`rediss://127.0.0.1:${port}`, memoryLog().logger);
    const handshake = 0x16;
    expect((await first.promise)[0]).toBe(handshake);
    expect((await opening).connected()).toBe(false);
  });
});

/** A pair, and what lies between its `a` and Redis. */
async function relayed(): Promise<{ readonly pair: Pair; readonly relay: Relay }> {
  const made = Promise.withResolvers<Relay>();
  const via = async ({ port }: Redis) => {
    made.resolve(await startRelay(port));
    return (await made.promise).port;
  };
  return { pair: await openPair({ checkEveryMs: never, via }), relay: await made.promise };
}

/** Until its connections, two at a time, were given up and dialled again. */
async function givenUp(relay: Relay): Promise<void> {
  await eventually(relay.made).toBeGreaterThan(5);
}

/** Ways to be without Redis that last until they are ended. */
const outages: Readonly<Record<string, { begin(redis: Redis): unknown; end(redis: Redis): unknown }>> = {
  stopped: { begin: (redis) => redis.stop(), end: (redis) => redis.start() },
  frozen: { begin: (redis) => redis.pause(), end: (redis) => redis.resume() },
};

describe.each(Object.entries(outages))("while Redis is %s", (_, { begin, end }) => {
  it("nothing throws, and nothing waits once it is known", async () => {
    const { redis, a, log } = await openPair();
    await a.driver.insert?.(room("chat-1_1", "A"));
    await begin(redis);
    const every = callsOf(a);
    // Whoever asks first finds out.
    await Promise.all(every.map((call) => call()));
    expect(a.connected()).toBe(false);
    for (const call of callsOf(a)) expect(await atOnce(call()), String(call)).toBe(true);
    expect(await a.driver.insert?.(room("chat-2_1", "A"))).toBe(true);
    expect(await a.driver.findOne({ roomId: "chat-2_1" })).toMatchObject({ processId: "A" });
    expect(await a.driver.findOne({ name: "chat", locked: false })).toMatchObject({ roomId: "chat-1_1" });
    expect(await a.presence.hincrbyex("ch:chat", "key", 1, 10)).toBe(1);
    expect(await a.subscribers("x")).toBeNull();
    await end(redis);
    await eventually(a.connected).toBe(true);
    await eventually(() => log.lines().map((line) => JSON.parse(line).msg)).toEqual([
      expect.stringContaining("does not answer"),
      "Redis answers again",
    ]);
    expect(log.text()).not.toContain("127.0.0.1");
  });

  it("a process goes on talking to itself, and nothing of it is heard again later", async () => {
    const { pair, relay } = await relayed();
    const { redis, a, b } = pair;
    const [atA, atB] = [await inbox(a, "x"), await inbox(b, "x")];
    await a.presence.publish("x", "before");
    await eventually(() => [atA, atB]).toEqual([["before"], ["before"]]);
    await begin(redis);
    await givenUp(relay);
    await a.presence.publish("x", "between");
    await eventually(() => atA).toEqual(["before", "between"]);
    await end(redis);
    await eventually(async () => (await a.subscribers("x")) === 2 && b.connected()).toBe(true);
    await b.presence.publish("x", "after");
    await eventually(() => [atA.at(-1), atB.at(-1)]).toEqual(["after", "after"]);
    expect([atA, atB]).toEqual([
      ["before", "between", "after"],
      ["before", "after"],
    ]);
  });
});

it.each([
  ["commands", 0],
  ["subscriptions", 1],
])("what is said while its connection for %s is held up is heard once", async (_, nth) => {
  const { pair, relay } = await relayed();
  const { a, b } = pair;
  const [atA, atB] = [await inbox(a, "x"), await inbox(b, "x")];
  const release = relay.hold(nth);
  await eventually(a.connected).toBe(false);
  await a.presence.publish("x", "held");
  await eventually(() => atB).toEqual(["held"]);
  release();
  await eventually(a.connected).toBe(true);
  await b.presence.publish("x", "end");
  await eventually(() => atA.at(-1)).toBe("end");
  expect(atA).toEqual(["held", "end"]);
});

it("a primary that became a replica is given up until it can be written to, and that is said once", async () => {
  const { a, log, look, redis } = await openPair({ checkEveryMs: never });
  await look.replicaof("127.0.0.1", redis.port);
  await a.driver.insert?.(room("chat-1_1", "A"));
  const connections = await madeTo(look);
  await eventually(() => madeTo(look)).toBeGreaterThan(connections + 4);
  await look.replicaof("NO", "ONE");
  await eventually(() => listed(look)).toEqual(["chat-1_1"]);
  await eventually(() => log.lines().map((line) => JSON.parse(line).reason)).toEqual(["READONLY", undefined]);
});

/** Every call of Colyseus on a room's way from its creation to its end, and what else may be asked. */
function callsOf({ presence, driver, subscribers }: ClusterRedis): readonly (() => Promise<unknown>)[] {
  const one = room("chat-1_1", "A");
  return [
    () => presence.subscribe("x", () => {}),
    async () => presence.unsubscribe("x"),
    async () => presence.publish("x", 1),
    () => presence.channels("p:*"),
    () => presence.exists("swept:A"),
    async () => presence.setex("swept:A", "1", 10),
    async () => presence.del("swept:A"),
    () => presence.hset("roomcount", "A", "1,1"),
    () => presence.hget("roomcount", "A"),
    () => presence.hgetall("roomcount"),
    () => presence.hincrby("k", "f", 1),
    () => presence.hincrbyex("k", "f", 1, 10),
    () => presence.hdel("roomcount", "A"),
    async () => driver.has("chat-1_1"),
    async () => driver.persist(one, true),
    async () => driver.update(one, { $inc: { clients: 1 } }),
    () => driver.findOne({ roomId: "chat-1_1" }),
    () => driver.findByIds(["chat-1_1"]),
    async () => driver.query({ name: "chat" }),
    async () => driver.remove("none_1"),
    async () => driver.cleanup?.("none"),
    () => subscribers("x"),
  ];
}

/** What may happen to Redis or to the way there; `meanwhile` runs while it is so. */
const troubles: Readonly<Record<string, (pair: Pair, meanwhile: () => Promise<void>) => Promise<void>>> = {
  "a stop and a start": async ({ redis, a }, meanwhile) => {
    await redis.stop();
    await eventually(a.connected).toBe(false);
    await meanwhile();
    await redis.start();
  },
  "a kill that is not noticed before the start": async ({ redis }, meanwhile) => {
    await redis.kill();
    await redis.start();
    await meanwhile();
  },
  "a short freeze": async ({ redis, a }, meanwhile) => {
    redis.pause();
    await eventually(a.connected).toBe(false);
    await meanwhile();
    redis.resume();
  },
  FLUSHALL: async ({ look }, meanwhile) => {
    await look.flushall();
    await meanwhile();
  },
  "connections killed": async ({ look }, meanwhile) => {
    await look.client("KILL", "TYPE", "normal", "SKIPME", "yes");
    await meanwhile();
  },
  "subscriptions killed": async ({ look }, meanwhile) => {
    await look.client("KILL", "TYPE", "pubsub");
    await meanwhile();
  },
};

async function findsItsWayBack(pair: Pair, trouble: (meanwhile: () => Promise<void>) => Promise<void>) {
  const { a, b, look } = pair;
  const kept = room("chat-kept_1", "A");
  for (const one of [kept, room("chat-still_1", "A"), room("chat-ended_1", "A")])
    await a.driver.insert?.(one);
  await b.driver.insert?.(room("chat-other_1", "B"));
  await a.presence.hset("roomcount", "A", "2,0");
  const heard = await inbox(a, "kept");
  await inbox(a, "left");

  let late: unknown[] = [];
  await trouble(async () => {
    await a.driver.remove("chat-ended_1");
    await a.driver.insert?.(room("chat-new_1", "A"));
    await a.driver.update(kept, { $inc: { clients: 1 } });
    late = await inbox(a, "late");
    await a.presence.unsubscribe("left");
  });

  await eventually(() => a.connected() && b.connected()).toBe(true);
  await eventually(() => listed(look)).toEqual(["chat-kept_1", "chat-new_1", "chat-other_1", "chat-still_1"]);
  await eventually(async () => (await b.driver.findOne({ roomId: "chat-kept_1" }))?.clients).toBe(1);
  await eventually(() => look.hgetall("roomcount")).toEqual({ A: "2,0" });
  await eventually(() => look.pubsub("NUMSUB", "kept", "late", "left")).toEqual([
    "kept",
    1,
    "late",
    1,
    "left",
    0,
  ]);
  for (const message of ["one", "two"]) {
    await b.presence.publish("kept", message);
    await b.presence.publish("late", message);
  }
  await eventually(() => [heard.at(-1), late.at(-1)]).toEqual(["two", "two"]);
  expect([heard, late]).toEqual([
    ["one", "two"],
    ["one", "two"],
  ]);
}

describe("everything finds its way back", () => {
  it.each(Object.entries(troubles))("after %s", async (_, trouble) => {
    const pair = await openPair(trouble === troubles.FLUSHALL ? {} : { checkEveryMs: never });
    await findsItsWayBack(pair, (meanwhile) => trouble(pair, meanwhile));
  });

  it("after a freeze in which the connections were given up", async () => {
    const { pair, relay } = await relayed();
    await findsItsWayBack(pair, async (meanwhile) => {
      pair.redis.pause();
      await eventually(pair.a.connected).toBe(false);
      await meanwhile();
      await givenUp(relay);
      pair.redis.resume();
    });
  });

  it("after its connections went dead without being closed", async () => {
    const { pair, relay } = await relayed();
    await findsItsWayBack(pair, async (meanwhile) => {
      relay.cut();
      await eventually(pair.a.connected).toBe(false);
      await meanwhile();
    });
  });

  it("after others took its listings away, however many they are", async () => {
    const { a, b, look } = await openPair();
    const ids = Array.from({ length: 1_200 }, (_, i) => `chat-${i}_1`).sort();
    await Promise.all(ids.map((id) => a.driver.insert?.(room(id, "A"))));
    await b.driver.cleanup?.("A");
    await eventually(() => listed(look)).toEqual(ids);
    await look.hdel("roomcaches", "chat-777_1");
    await eventually(() => look.hexists("roomcaches", "chat-777_1")).toBe(1);
  });
});

it("a process starts without Redis, and finds it when it comes", async () => {
  const port = await freePort();
  const log = memoryLog();
  const a = await opened(`redis://127.0.0.1:${port}`, log.logger);
  expect(a.connected()).toBe(false);
  expect(log.lines()).toHaveLength(1);
  expect(log.text()).toContain('"reason":"ECONNREFUSED"');
  expect(await a.driver.insert?.(room("chat-1_1", "A"))).toBe(true);
  await inbox(a, "x");
  const redis = await startRedis({ port });
  onTestFinished(() => redis.dispose());
  const look = lookInto(port);
  await eventually(() => listed(look)).toEqual(["chat-1_1"]);
  await eventually(() => look.pubsub("NUMSUB", "x")).toEqual(["x", 1]);
});

it("a process that stood still itself does not take Redis for lost", async () => {
  const { a, b } = await openPair();
  await b.driver.insert?.(room("chat-1_1", "B"));
  const found = a.driver.findOne({ roomId: "chat-1_1" });
  await Promise.resolve();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
  expect(await found).toMatchObject({ processId: "B" });
});

it("closing leaves nothing open, whatever has become of Redis", async () => {
  const servers = await Promise.all(Array.from({ length: 4 }, () => startRedis()));
  for (const redis of servers) onTestFinished(() => redis.dispose());
  const [, stopped, frozen, neverThere] = servers;
  await neverThere?.stop();
  const script = `
    import { openRedis } from "${new URL("../../rooms/cluster/redis/open-redis.ts", import.meta.url)}";
    import { pino } from "pino";
    const log = pino({ level: "silent" });
    const all = await Promise.all(process.argv.slice(1).map((url) => openRedis(url, { log })));
    for (const { presence } of all) await presence.subscribe("x", () => {});
    console.log("open");
    await new Promise((resolve) => process.stdin.once("data", resolve));
    process.stdin.destroy();
    for (const { presence, driver, close } of all) {
      presence.shutdown();
      await driver.shutdown();
      await close();
    }`;
  const child = spawn(
    process.execPath,
    ["--input-type=module", "-e", script, ...servers.map(({ url }) => url)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  await stopped?.stop();
  frozen?.pause();
  const exited = once(child, "exit");
  child.stdin.write("close");
  expect(await exited).toEqual([0, null]);
});
