import { fileURLToPath } from "node:url";
import { freePort } from "../support/ports.ts";
import { compileCache, launch, type Running, temporaryFolder } from "../support/processes.ts";
import type { Fault } from "./faults.ts";

export interface ServerOptions {
  /** null: the embedded database. */
  readonly databaseUrl: string | null;
  /** What is put into its composition; null: nothing, it is the product. */
  readonly fault?: Fault | null;
  /** Its own by default; servers that share a database share their keys too. */
  readonly dataDir?: string;
}

/** A server that can be killed and started again, on the same port with the same data. */
export interface TestServer {
  readonly url: string;
  readonly dataDir: string;
  start(): Promise<void>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** Whether it ran all the time since it was last started. */
  alive(): boolean;
  output(): string;
  dispose(): Promise<void>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const entry = "test/durability/server-entry.ts";

/** Starts the product without its page, which these tests do not look at. */
export async function startTestServer({ databaseUrl, fault, dataDir }: ServerOptions): Promise<TestServer> {
  const port = await freePort();
  const folder = dataDir === undefined ? temporaryFolder("data") : undefined;
  const directory = dataDir ?? folder?.path ?? "";
  const database = databaseUrl === null ? {} : { DATABASE_URL: databaseUrl };
  const env = { PORT: String(port), HOST: "127.0.0.1", DATA_DIR: directory, DEMO: "1", ...database };
  const launchIt = () =>
    launch({
      command: process.execPath,
      args: [entry, ...(fault ? [fault] : [])],
      cwd: root,
      env: { PATH: process.env.PATH, ...compileCache, LOG_LEVEL: "warn", ...env },
      ready: /listening on/,
      readyWithin: 60_000,
    });
  let running: Running = await launchIt();
  const kill = async () => {
    running.signal("SIGKILL");
    await running.exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    dataDir: directory,
    start: async () => {
      running = await launchIt();
    },
    kill,
    alive: () => running.running(),
    output: () => running.output(),
    dispose: async () => {
      await kill();
      folder?.remove();
    },
  };
}
