import { randomUUID } from "node:crypto";
import { Client } from "@colyseus/sdk";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { live, until } from "../sdk/clinic.ts";
import { freePort } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";
import { type Server, startServer } from "../support/server.ts";
import { type Cluster, openCluster } from "./cluster.ts";
import { startTalk } from "./talk.ts";

const soon = { timeout: 60_000, interval: 100 };
const patience = 180_000;

let cluster: Cluster;
beforeAll(async () => {
  cluster = await openCluster(2);
}, 400_000);
afterAll(() => cluster?.close());

/** A process with plain rooms. */
async function startPlain(redisUrl: string): Promise<Server> {
  const port = await freePort();
  const server = await startServer({ port, entry: ["test/cluster/plain-rooms.ts", redisUrl, String(port)] });
  onTestFinished(() => server.dispose());
  return server;
}

const counted = z.object({ said: z.int(), by: z.int() });

it(
  "is real on plain rooms: after a freeze, two processes serve one room",
  async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.dispose());
    const [one, two] = [await startPlain(redis.url), await startPlain(redis.url)];
    const join = (server: Server) => new Client(server.url).joinOrCreate("plain", { room: "1" });
    const say = async (room: Awaited<ReturnType<typeof join>>) =>
      counted.parse(await room.request("say", "hello"));

    const first = await join(one);
    const [frozen, other] = (await say(first)).by === one.pid() ? [one, two] : [two, one];
    frozen.pause();
    // The frozen process does not answer: after some tries it is taken for dead, and the room is made again.
    const second = await new Promise<Awaited<ReturnType<typeof join>>>((resolve) => {
      const attempt = (): void => void join(other).then(resolve, attempt);
      attempt();
    });
    expect(await say(second)).toEqual({ said: 1, by: other.pid() });
    frozen.resume();
    // Both are told that they have said the second thing, and neither has heard the other.
    expect(await say(first)).toEqual({ said: 2, by: frozen.pid() });
    expect(await say(second)).toEqual({ said: 2, by: other.pid() });
  },
  patience,
);

it(
  "is harmless on ours: who was frozen commits nothing, and everyone goes on with the new owner",
  async () => {
    const [home, frozen] = cluster.servers;
    if (!home || !frozen) throw new Error("There are no two processes.");
    const id = await cluster.openChat();
    const sessions = await Promise.all(
      ["clinician", "patient"].map((person) => cluster.session(home, person)),
    );
    const chats = sessions.map((session) => session.joinChat(id));
    await Promise.all(chats.map(live));
    if ((await cluster.serverOf("chat", id)) === home) await cluster.move("chat", id, { to: frozen });
    // A client that does not notice, and whose words lie in the socket of the frozen process.
    const client = new Client(home.url);
    client.auth.token = await cluster.token(home, "desk");
    const unnoticed = await client.joinOrCreate("chat", { room: id });
    unnoticed.reconnection.enabled = false;
    const talk = startTalk(chats, "split");
    await talk.further(20);

    const before = await cluster.ownerOf("chat", id);
    frozen.pause();
    const late = Array.from({ length: 10 }, () =>
      unnoticed.request("chat.send", { id: randomUUID(), body: "late" }),
    );
    const told = Promise.allSettled(late);
    await expect
      .poll(async () => (await cluster.ownerOf("chat", id)).epoch, soon)
      .toBeGreaterThan(before.epoch);
    const committed = (await cluster.journalOf("chat", id)).filter(
      ({ epoch }) => epoch <= before.epoch,
    ).length;
    await talk.further(20);
    frozen.resume();
    await expect.poll(() => frozen.output(), soon).toMatch(new RegExp(`"id":"${id}".*"reason":"fenced"`));
    await talk.further(20);
    const acknowledged = await talk.end();

    const journal = await cluster.journalOf("chat", id);
    expect(journal.filter(({ epoch }) => epoch <= before.epoch)).toHaveLength(committed);
    expect((await told).map(({ status }) => status)).not.toContain("fulfilled");
    const messages = journal.filter(({ type, actor }) => type === "chat.message" && actor !== "desk");
    expect(messages.map(({ seq }) => seq)).toEqual(acknowledged.map(({ seq }) => seq));
    expect(await cluster.serverOf("chat", id)).toBe(home);
    for (const chat of chats) await until(chat, ({ status }) => status === "live");
  },
  patience,
);
