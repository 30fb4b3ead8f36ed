import { fileURLToPath } from "node:url";
import { copyDemoData } from "./demo-data.ts";
import { freePort } from "./ports.ts";
import { compileCache, launch, type Running, temporaryFolder } from "./processes.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface ServerOptions {
  /** Settings beside PORT and DATA_DIR. Nothing else of this process' environment reaches the server. */
  readonly env?: Readonly<Record<string, string>>;
  /** By default a temporary one, which `dispose` removes; without a DATABASE_URL it has been started on before. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Flags for Node, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** What is started, with its arguments; `app/start.ts` by default. It has to say where it is, as that does. */
  readonly entry?: readonly string[];
  /** Milliseconds. */
  readonly readyWithin?: number;
}

/** The product in a process of its own, as `npm start` runs it. It keeps port and data over stop and start. */
export interface Server {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  /** Throws while the server is stopped. */
  pid(): number;
  /** SIGTERM, and waits for the orderly end. Resolves with the exit code or the signal's name. */
  stop(): Promise<number | string>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again, optionally under other settings. */
  start(env?: Readonly<Record<string, string>>): Promise<void>;
  /** Freezes the process; its connections stay open. */
  pause(): void;
  resume(): void;
  /** Resolves when the process ends by itself or otherwise. */
  exited(): Promise<number | string>;
  /** Everything it wrote so far, before it was last started too. */
  output(): string;
  /** Kills the server and removes a temporary data folder. */
  dispose(): Promise<void>;
}

/** Starts `app/start.ts` on a free port and waits until it says where it is. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const port = options.port ?? (await freePort());
  const folder = options.dataDir === undefined ? temporaryFolder("data") : undefined;
  const dataDir = options.dataDir ?? folder?.path ?? "";
  if (folder && !options.entry && !options.env?.DATABASE_URL) await copyDemoData(folder.path);
  const start = (env: Readonly<Record<string, string>> = {}) =>
    launch({
      command: process.execPath,
      args: [...(options.nodeOptions ?? []), ...(options.entry ?? ["app/start.ts"])],
      cwd: root,
      env: {
        PATH: process.env.PATH,
        ...compileCache,
        PORT: String(port),
        DATA_DIR: dataDir,
        ...options.env,
        ...env,
      },
      // It says its PUBLIC_ADDRESS, if it has one.
      ready: new RegExp(`http://(localhost|127\\.0\\.0\\.1):${port}\\b`),
      readyWithin: options.readyWithin ?? 60_000,
    });
  let server: Running = await start();
  let former = "";
  const end = async (signal: NodeJS.Signals) => {
    server.signal(signal);
    server.signal("SIGCONT");
    return await server.exited;
  };
  return {
    url: `http://localhost:${port}`,
    port,
    dataDir,
    pid: () => {
      if (!server.running()) throw new Error("The server is stopped.");
      return server.pid;
    },
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
    start: async (env) => {
      if (server.running()) return;
      const said = server.output();
      server = await start(env);
      former += said;
    },
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    exited: () => server.exited,
    output: () => former + server.output(),
    dispose: async () => {
      if (server.running()) await end("SIGKILL");
      folder?.remove();
    },
  };
}
