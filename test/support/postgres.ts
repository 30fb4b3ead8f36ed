import { execFile } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./ports.ts";
import {
  childrenOf,
  type Identity,
  isAlive,
  launch,
  type Running,
  sendSignal,
  serviceIdentity,
  temporaryFolder,
} from "./processes.ts";
import { findTool } from "./tools.ts";

const run = promisify(execFile);

export interface PostgresOptions {
  readonly port?: number;
  /** Settings of the server, as in postgresql.conf. The durable defaults stand unless they are named here. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Where its data are to be, in a folder that it may write; a temporary one by default. */
  readonly folder?: string;
}

/** A PostgreSQL server of the test's own. It keeps port and data over stop, kill and start. */
export interface Postgres {
  /** The database "postgres"; anyone on this machine may connect. */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** The postmaster's process id; throws while the server is stopped. */
  pid(): number;
  /** Makes a database and returns its URL. */
  createDatabase(name: string): Promise<string>;
  /** `fast` is an orderly end, `immediate` gives up what is not written yet, and recovers at the next start. */
  stop(mode: "fast" | "immediate"): Promise<void>;
  /** SIGKILL to every process of the server at once. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Freezes every process of the server; connections stay open and get no answer. */
  pause(): void;
  resume(): void;
  /** What it has said, over every start. */
  output(): string;
  /** Stops the server and removes its data. */
  dispose(): Promise<void>;
}

/** Starts a PostgreSQL server on a free loopback port, with durable settings, under an account without rights. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const bin = dirname(await findTool("initdb"));
  const identity = serviceIdentity();
  const port = options.port ?? (await freePort());
  const folder = options.folder === undefined ? temporaryFolder("postgres", identity) : undefined;
  const dataDir = join(options.folder ?? folder?.path ?? "", "data");
  await run("cp", ["-a", await template(bin, identity), dataDir], { ...identity });
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  const start = () =>
    launch({
      command: join(bin, "postgres"),
      args: ["-D", dataDir, "-p", String(port), ...settingArguments(options.settings)],
      cwd: "/",
      env: { LC_ALL: "C", TZ: "UTC" },
      identity,
      ready: /ready to accept connections/,
      readyWithin: 60_000,
      abort: "SIGQUIT",
    });
  let server: Running = await start();
  /** What it said before it was started the last time. */
  let former = "";

  const end = async (signal: NodeJS.Signals) => {
    if (server.running()) server.signal("SIGCONT", { family: true });
    server.signal(signal);
    await server.exited;
  };

  return {
    url,
    port,
    dataDir,
    pid: () => {
      if (!server.running()) throw new Error("PostgreSQL is stopped.");
      return server.pid;
    },
    createDatabase: async (name) => {
      await query(url, `CREATE DATABASE "${name}"`);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    stop: (mode) => end(mode === "fast" ? "SIGINT" : "SIGQUIT"),
    kill: () => killFamily(server),
    start: async () => {
      if (server.running()) return;
      const said = server.output();
      server = await start();
      former += said;
    },
    pause: () => server.signal("SIGSTOP", { family: true }),
    resume: () => server.signal("SIGCONT", { family: true }),
    output: () => former + server.output(),
    dispose: async () => {
      if (server.running()) await end("SIGQUIT");
      folder?.remove();
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function query(
  url: string,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  // A database that ends under a connection has the statement rejected too; unheard, it would end this process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text, [...values]);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** Throws unless a commit on this database is on disk before it is acknowledged. */
export async function assertDurable(url: string): Promise<void> {
  const rows = await query(
    url,
    `SELECT name, setting FROM pg_settings
     WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting <> 'on'`,
  );
  if (rows.length === 0) return;
  throw new Error(`Not durable: ${rows.map((row) => `${row.name} is ${row.setting}`).join(", ")}.`);
}

function settingArguments(settings: PostgresOptions["settings"] = {}): readonly string[] {
  const all = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    dynamic_shared_memory_type: "mmap",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** A fresh data directory to copy, made once per machine and version: a copy takes a tenth of an initdb. */
async function template(bin: string, identity: Identity | undefined): Promise<string> {
  const { stdout } = await run(join(bin, "postgres"), ["--version"]);
  const version = /\d+(\.\d+)?/.exec(stdout)?.[0] ?? "unknown";
  const owner = identity?.uid ?? process.getuid?.() ?? 0;
  const path = join(tmpdir(), `hugmedo-postgres-template-${version}-${owner}`);
  if (existsSync(path)) return path;
  const fresh = temporaryFolder("initdb", identity);
  const data = join(fresh.path, "data");
  const flags = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"];
  await run(join(bin, "initdb"), ["-D", data, ...flags], { ...identity, cwd: "/", env: { LC_ALL: "C" } });
  publish(data, path);
  fresh.remove();
  return path;
}

/** The first one to finish wins; a rename onto a filled folder fails, and then the template is there. */
function publish(data: string, path: string): void {
  try {
    renameSync(data, path);
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** The postmaster is stopped first, so that it starts no child between the look and the kill. */
async function killFamily(server: Running): Promise<void> {
  server.signal("SIGSTOP");
  const children = childrenOf(server.pid);
  for (const pid of [server.pid, ...children]) sendSignal(pid, "SIGKILL");
  await server.exited;
  // Orphans report to nobody here; a start beside a living one would be refused.
  while (children.some(isAlive)) await new Promise((resolve) => setTimeout(resolve, 5));
}
