import { join } from "node:path";
import { freePort } from "../support/ports.ts";
import { launch, temporaryFolder } from "../support/processes.ts";
import { findTool } from "../support/tools.ts";

/** A real TURN server, on loopback. */
export interface Coturn {
  readonly port: number;
  /** What it shares with us. */
  readonly secret: string;
  /** Relays nothing until it is resumed. */
  pause(): void;
  resume(): void;
  dispose(): Promise<void>;
}

/** Starts coturn as docs/media.md says to run it, less TLS; here both ends are on this machine. */
export async function startCoturn(): Promise<Coturn> {
  const folder = temporaryFolder("turn");
  const secret = "shared-with-the-turn-server-0123456789";
  const port = await freePort();
  const server = await launch({
    command: await findTool("turnserver"),
    args: [
      ...["-n", "--no-cli", "--no-tls", "--no-dtls", "--fingerprint", "--log-file=stdout", "--simple-log"],
      ...["--use-auth-secret", `--static-auth-secret=${secret}`, "--realm=clinic.example"],
      ...["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", `--listening-port=${port}`],
      ...["--allow-loopback-peers", `--userdb=${join(folder.path, "turndb")}`],
      `--pidfile=${join(folder.path, "pid")}`,
    ],
    ready: /SQLite DB connection success/,
    readyWithin: 20_000,
  });
  return {
    port,
    secret,
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    dispose: async () => {
      server.signal("SIGCONT");
      server.signal("SIGTERM");
      await server.exited;
      folder.remove();
    },
  };
}
