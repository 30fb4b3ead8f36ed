import { createServer, type Socket, connect as tcp } from "node:net";
import { Writable } from "node:stream";
import { type IRoomCache, initializeRoomCache } from "@colyseus/core";
import { Redis as Client } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { createLogger, type Logger } from "../../core/platform/logger.ts";
import { type ClusterRedis, openRedis } from "../../rooms/cluster/redis/open-redis.ts";
import { type Redis, startRedis } from "../support/redis.ts";

/** A Redis server, two processes' ends of it, and a client that looks at what is in it. All end with the test. */
export interface Pair {
  readonly redis: Redis;
  readonly a: ClusterRedis;
  readonly b: ClusterRedis;
  /** What `a` logged. */
  readonly log: MemoryLog;
  readonly look: Client;
}

export interface PairOptions {
  /** Of `a`: how often it looks whether Redis still knows of it (ms). Long: it has to notice by itself. */
  readonly checkEveryMs?: number;
  /** The port that `a` takes for that of Redis. */
  readonly via?: (redis: Redis) => Promise<number>;
}

export async function openPair({ checkEveryMs = 100, via }: PairOptions = {}): Promise<Pair> {
  const redis = await startRedis();
  onTestFinished(() => redis.dispose());
  const log = memoryLog();
  const port = (await via?.(redis)) ?? redis.port;
  const a = await opened(`redis://127.0.0.1:${port}`, log.logger, checkEveryMs);
  const b = await opened(redis.url, memoryLog().logger);
  return { redis, a, b, log, look: lookInto(redis.port) };
}

/** Opened for this test; closed with it. */
export async function opened(url: string, log: Logger, checkEveryMs = 100): Promise<ClusterRedis> {
  const cluster = await openRedis(url, { log, checkEveryMs });
  onTestFinished(() => cluster.close());
  return cluster;
}

export function lookInto(port: number): Client {
  const client = new Client(port, "127.0.0.1", { maxRetriesPerRequest: null });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

export interface MemoryLog {
  readonly logger: Logger;
  text(): string;
  lines(): readonly string[];
}

export function memoryLog(): MemoryLog {
  let text = "";
  const destination = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      done();
    },
  });
  return {
    logger: createLogger({ level: "debug", destination }),
    text: () => text,
    lines: () => text.split("\n").filter(Boolean),
  };
}

export interface Relay {
  readonly port: number;
  /** How many connections were made through it. */
  made(): number;
  /** Its present connections go dead: they stay open, and nothing passes any more. */
  cut(): void;
  /** Keeps back what Redis answers on the nth connection. Returns how to let it go. */
  hold(nth: number): () => void;
}

/** A TCP relay to a local port. */
export async function startRelay(port: number): Promise<Relay> {
  const pairs: Socket[][] = [];
  const server = createServer((near) => {
    const far = tcp(port, "127.0.0.1");
    pairs.push([near, far]);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const end = () => {
    server.close();
    for (const socket of pairs.flat()) socket.destroy();
  };
  onTestFinished(end);
  const address = server.address();
  if (typeof address !== "object" || !address) throw new Error("The relay has no port.");
  return {
    port: address.port,
    made: () => pairs.length,
    cut: () => {
      for (const socket of pairs.flat()) socket.unpipe().resume();
    },
    hold: (nth) => {
      const [near, far] = pairs[nth] ?? [];
      if (!near || !far) throw new Error(`There is no connection ${nth}.`);
      far.unpipe().pause();
      return () => far.pipe(near);
    },
  };
}

/** What arrives on a channel. */
export async function inbox({ presence }: ClusterRedis, channel: string): Promise<unknown[]> {
  const received: unknown[] = [];
  await presence.subscribe(channel, (message: unknown) => received.push(message));
  return received;
}

export function room(roomId: string, processId: string): IRoomCache {
  return initializeRoomCache({ name: "chat", roomId, processId });
}

/** Whether a promise settles without waiting for anything outside this process. */
export async function atOnce(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

/** `expect.poll`, with the patience of a busy machine. */
export const eventually = <T>(read: () => T | Promise<T>) =>
  expect.poll(read, { timeout: 20_000, interval: 20 });
