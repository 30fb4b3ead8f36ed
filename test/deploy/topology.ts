import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/ports.ts";
import { startPostgres } from "../support/postgres.ts";
import { compileCache, launch, type Running, temporaryFolder } from "../support/processes.ts";
import { startRedis } from "../support/redis.ts";
import { startNames } from "./names.ts";
import { type Nginx, startNginx } from "./nginx.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What docker-compose.yml starts, on this machine: every process has an address of its own in the place of a container. */
export interface Topology {
  readonly nginx: Nginx;
  readonly databaseUrl: string;
  /** Those that run, the oldest first. */
  readonly processes: readonly RoomsProcess[];
  /** As `docker compose up --scale rooms=<so many more>` does: at once, and known by name before they serve. */
  add(count: number): Promise<readonly RoomsProcess[]>;
  dispose(): Promise<void>;
}

export interface RoomsProcess {
  /** In a container: its id. */
  readonly name: string;
  /** `<address>:<port>`, as nginx logs it. */
  readonly upstream: string;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGTERM, as `docker compose stop` sends it. Resolves with the exit code. */
  stop(): Promise<number | string>;
  output(): string;
}

/** Starts PostgreSQL, Redis and nginx. No process runs yet. */
export async function startTopology(): Promise<Topology> {
  const [postgres, redis, names] = await Promise.all([startPostgres(), startRedis(), startNames()]);
  const folder = temporaryFolder("topology");
  const port = await portOfAll();
  const nginx = await startNginx({ resolver: names.address, roomsPort: port });
  const databaseUrl = await postgres.createDatabase("hugmedo");
  const addresses = new Map<string, string>();
  const running = new Map<string, { readonly process: RoomsProcess; readonly launched: Running }>();
  let started = 0;

  const tell = (name: string, address: string | null) => {
    if (address) addresses.set(name, address);
    else addresses.delete(name);
    names.set(name, address ? [address] : []);
    names.set("rooms", [...addresses.values()]);
  };

  const start = async (): Promise<RoomsProcess> => {
    started += 1;
    const name = `c0ffee${started.toString(16).padStart(6, "0")}`;
    const address = `127.0.0.${started + 1}`;
    tell(name, address);
    const launched = await launch({
      command: process.execPath,
      args: ["app/start.ts"],
      cwd: root,
      env: {
        PATH: process.env.PATH,
        ...compileCache,
        ...{ HOST: address, PORT: String(port), PROCESS_NAME: name },
        ...{ PUBLIC_ADDRESS: nginx.url, TRUSTED_PROXIES: "1" },
        ...{ DATABASE_URL: databaseUrl, REDIS_URL: redis.url, KEY_FILE: join(folder.path, "keys.json") },
        // A container's file system is read-only; what is needed nowhere must not be missed.
        DATA_DIR: "/proc/none",
        ...{ DEMO: "1", LOG_LEVEL: "info" },
      },
      ready: /HugMeDo is running/,
      readyWithin: 180_000,
    });
    const end = async (signal: NodeJS.Signals) => {
      launched.signal(signal);
      const how = await launched.exited;
      tell(name, null);
      running.delete(name);
      return how;
    };
    const one: RoomsProcess = {
      name,
      upstream: `${address}:${port}`,
      kill: async () => void (await end("SIGKILL")),
      stop: () => end("SIGTERM"),
      output: () => launched.output(),
    };
    running.set(name, { process: one, launched });
    return one;
  };

  return {
    nginx,
    databaseUrl,
    get processes() {
      return [...running.values()].map(({ process }) => process);
    },
    add: (count) => Promise.all(Array.from({ length: count }, start)),
    dispose: async () => {
      await Promise.all([...running.values()].map(({ process }) => process.kill()));
      await nginx.dispose();
      await Promise.all([postgres.dispose(), redis.dispose(), names.close()]);
      folder.remove();
    },
  };
}

/** A port that is free on every address that a process may get. */
async function portOfAll(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const servers = [2, 3, 4, 5].map((n) => createServer().listen(port, `127.0.0.${n}`));
    const free = await Promise.allSettled(servers.map((server) => once(server, "listening")));
    for (const server of servers) server.close();
    if (free.every(({ status }) => status === "fulfilled")) return port;
  }
}
