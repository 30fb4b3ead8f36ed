import { fileURLToPath } from "node:url";
import { freePort } from "../../../test/support/ports.ts";
import { assertDurable, type Postgres } from "../../../test/support/postgres.ts";
import { launch } from "../../../test/support/processes.ts";
import type { Redis } from "../../../test/support/redis.ts";
import type { WatchedProcess } from "../../cpu.ts";
import { anonymousRooms, type Contestant, type Serving } from "../shape.ts";

type Flags = readonly string[];

/** (a) Raw `ws`. */
export function ws(nodeOptions: Flags = []): Contestant {
  return { name: "ws", dialect: "ws", start: () => serve("ws.ts", nodeOptions) };
}

/** (b) Plain Colyseus. */
export function colyseus(nodeOptions: Flags = []): Contestant {
  return { name: "colyseus", dialect: "colyseus", start: () => serve("colyseus.ts", nodeOptions) };
}

export interface Services {
  readonly postgres: Postgres;
  readonly redis: Redis;
}

export interface SocketIoOptions {
  /** Connections to PostgreSQL. */
  readonly pool: number;
  readonly batched: boolean;
  readonly nodeOptions?: Flags;
}

/** (c) Socket.IO with its Redis adapter and a statement a message, or (d) with our batching. */
export function socketIo({ postgres, redis }: Services, options: SocketIoOptions): Contestant {
  let starts = 0;
  const { batched, pool, nodeOptions = [] } = options;
  return {
    name: batched ? "socket.io-batched" : "socket.io",
    dialect: "socket.io",
    start: async () => {
      const suffix = `${batched ? "batched" : "each"}_${pool}_${++starts}`;
      const database = await postgres.createDatabase(`socket_io_${suffix}`);
      await assertDurable(database);
      const flags = ["--database", database, "--redis", redis.url, "--pool", String(pool)];
      return await serve("socket-io.ts", nodeOptions, batched ? [...flags, "--batched"] : flags, [
        { name: "postgres", pid: postgres.pid(), family: true },
        { name: "redis", pid: redis.pid(), family: false },
      ]);
    },
  };
}

async function serve(
  file: string,
  nodeOptions: Flags,
  flags: Flags = [],
  services: readonly WatchedProcess[] = [],
): Promise<Serving> {
  const port = await freePort();
  const path = fileURLToPath(new URL(`../servers/${file}`, import.meta.url));
  const server = await launch({
    command: process.execPath,
    args: [...nodeOptions, path, "--port", String(port), ...flags],
    env: { NODE_ENV: "production" },
    ready: /Listening on/,
    readyWithin: 30_000,
  });
  return {
    rooms: anonymousRooms(`http://127.0.0.1:${port}`),
    processes: [{ name: "server", pid: server.pid, family: false }, ...services],
    highestRate: Number.POSITIVE_INFINITY,
    stop: async () => {
      server.signal("SIGTERM");
      await server.exited;
    },
  };
}
