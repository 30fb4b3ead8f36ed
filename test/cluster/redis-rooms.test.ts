import { type Client, matchMaker, Room, Server } from "@colyseus/core";
import { Client as Sdk, type Room as SdkRoom } from "@colyseus/sdk";
import { WebSocketTransport } from "@colyseus/ws-transport";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/ports.ts";
import { startRedis } from "../support/redis.ts";
import { eventually, lookInto, memoryLog, opened } from "./redis-harness.ts";

const disposed: string[] = [];

/** A plain room of Colyseus: whoever says something hears it, and so do the others. */
class EchoRoom extends Room {
  override messages = { say: (_: Client, text: string) => this.broadcast("said", text) };
  override async onCreate(): Promise<void> {
    await this.setMetadata({ title: "geheim" });
  }
  override async onJoin(): Promise<void> {
    await this.presence.hset("people", this.roomId, String(this.clients.length));
  }
  override onDispose(): void {
    disposed.push(this.roomId);
  }
}

async function speaks(speaker: SdkRoom, listener: SdkRoom, text: string): Promise<void> {
  const heard = new Promise((resolve) => {
    const stop = listener.onMessage("said", (said) => {
      stop();
      resolve(said);
    });
  });
  speaker.send("say", text);
  expect(await heard).toBe(text);
}

const rounds = {
  stopped: ["stop", "start"],
  killed: ["kill", "start"],
  frozen: ["pause", "resume"],
} as const;

it("rooms are made, joined, used and ended on this process whatever becomes of Redis", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  const log = memoryLog();
  const { presence, driver, connected } = await opened(redis.url, log.logger);
  const server = new Server({
    transport: new WebSocketTransport(),
    presence,
    driver,
    greet: false,
    gracefullyShutdown: false,
  });
  server.define("echo", EchoRoom);
  const port = await freePort();
  await server.listen(port, "127.0.0.1");
  const sdk = new Sdk(`http://127.0.0.1:${port}`);
  const look = lookInto(redis.port);
  const listed = async () => Object.values(await look.hgetall("roomcaches")).map((row) => JSON.parse(row));

  const [first, second] = [await sdk.create("echo"), await sdk.create("echo")];
  const alive = new Set([first.roomId, second.roomId]);
  for (const [state, [begin, end]] of Object.entries(rounds)) {
    await redis[begin]();
    const joined = await sdk.joinById(first.roomId);
    await speaks(first, joined, state);
    const made = await sdk.create("echo");
    const ended = await sdk.create("echo");
    await speaks(made, made, state);
    await ended.leave();
    await joined.leave();
    await eventually(() => disposed.at(-1)).toBe(ended.roomId);
    expect(await matchMaker.remoteRoomCall(made.roomId, "hasReachedMaxClients")).toBe(false);
    expect(connected()).toBe(false);
    await redis[end]();

    alive.add(made.roomId);
    await eventually(connected).toBe(true);
    const expected = [...alive].map((roomId) => ({ roomId, clients: 1 }));
    await eventually(async () =>
      (await listed()).map(({ roomId, clients }) => ({ roomId, clients })).sort(byRoomId),
    ).toEqual(expected.sort(byRoomId));
    const again = await sdk.joinOrCreate("echo");
    expect(alive).toContain(again.roomId);
    await again.leave();
  }
  expect(JSON.stringify(await listed())).not.toContain("geheim");

  await redis.stop();
  await server.gracefullyShutdown(false);
  expect(disposed.sort()).toEqual(expect.arrayContaining([...alive].sort()));
});

const byRoomId = (a: { readonly roomId: string }, b: { readonly roomId: string }): number =>
  a.roomId < b.roomId ? -1 : 1;
