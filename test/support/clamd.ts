import { writeFileSync } from "node:fs";
import { freePort } from "./ports.ts";
import { launch, type Running, serviceIdentity, temporaryFolder } from "./processes.ts";
import { findTool } from "./tools.ts";

/** What every virus scanner knows, and nobody is harmed by: in two parts, so that none stops at this file. */
export const eicar = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"}!$H+H*`;

export interface Clamd {
  /** As CLAMD_ADDRESS has it. */
  readonly address: string;
  /** Its socket. */
  readonly path: string;
  kill(): Promise<void>;
  /** Again, at the same addresses. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** clamd with one signature, and no others: those of the real list take a gigabyte and a network. */
export async function startClamd({ maxBytes = 26_000_000 } = {}): Promise<Clamd> {
  const command = await findTool("clamd");
  const identity = serviceIdentity();
  const folder = temporaryFolder("clamd", identity);
  const port = await freePort();
  const path = `${folder.path}/clamd.sock`;
  writeFileSync(`${folder.path}/eicar.ndb`, `Test.Eicar:0:*:${Buffer.from(eicar).toString("hex")}\n`);
  const settings = {
    ...{ Foreground: "yes", DatabaseDirectory: folder.path, LocalSocket: path, TCPSocket: port },
    ...{ TCPAddr: "127.0.0.1", MaxThreads: 2, StreamMaxLength: maxBytes, TemporaryDirectory: folder.path },
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  writeFileSync(`${folder.path}/clamd.conf`, lines.join(""));
  const open = (): Promise<Running> =>
    launch({
      command,
      args: [`--config-file=${folder.path}/clamd.conf`],
      identity,
      ready: /Self checking/,
      readyWithin: 20_000,
    });
  let running = await open();
  const kill = async (): Promise<void> => {
    running.signal("SIGKILL");
    await running.exited;
  };
  return {
    address: `127.0.0.1:${port}`,
    path,
    kill,
    start: async () => {
      running = await open();
    },
    dispose: async () => {
      await kill();
      folder.remove();
    },
  };
}
