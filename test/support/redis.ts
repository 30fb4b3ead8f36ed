import { freePort } from "./ports.ts";
import { launch, type Running, temporaryFolder } from "./processes.ts";
import { findTool } from "./tools.ts";

/** A Redis server of the test's own, without persistence. It keeps its port over stop, kill and start. */
export interface Redis {
  readonly url: string;
  readonly port: number;
  /** Throws while the server is stopped. */
  pid(): number;
  stop(): Promise<void>;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Freezes the server; connections stay open and get no answer. */
  pause(): void;
  resume(): void;
  output(): string;
  dispose(): Promise<void>;
}

/** Starts a Redis server on a free loopback port. */
export async function startRedis(options: { readonly port?: number } = {}): Promise<Redis> {
  const command = await findTool("redis-server");
  const port = options.port ?? (await freePort());
  const folder = temporaryFolder("redis");
  const start = () =>
    launch({
      command,
      args: ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      cwd: folder.path,
      ready: /Ready to accept connections/,
      readyWithin: 20_000,
    });
  let server: Running = await start();
  const end = async (signal: NodeJS.Signals) => {
    server.signal(signal);
    server.signal("SIGCONT");
    await server.exited;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: () => {
      if (!server.running()) throw new Error("Redis is stopped.");
      return server.pid;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    start: async () => {
      if (!server.running()) server = await start();
    },
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    output: () => server.output(),
    dispose: async () => {
      if (server.running()) await end("SIGKILL");
      folder.remove();
    },
  };
}
