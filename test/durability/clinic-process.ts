import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { compileCache } from "../support/processes.ts";
import type { Fault } from "./faults.ts";
import type { Hold } from "./holds.ts";

/** What a process is told. A hold is of the next room whose key begins with `room`. */
export type ProcessOrder =
  | ({ readonly does: "hold"; readonly id: number; readonly room: string } & Omit<Hold, "of">)
  | { readonly does: "close" };

/** What a process tells. */
export type ProcessReport =
  | { readonly is: "listening"; readonly port: number }
  | { readonly is: "set" | "held"; readonly id: number };

export interface ProcessOptions {
  readonly databaseUrl: string;
  /** Processes that share a database share their keys too. */
  readonly dataDir: string;
  /** How far its clock is ahead (ms). */
  readonly aheadMs?: number;
  /** What is put into its journal. */
  readonly fault?: Fault;
}

const entry = fileURLToPath(new URL("clinic-process-entry.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The product in a process of its own, which can be ended at any step of a room. */
export class ClinicProcess {
  readonly url: string;
  readonly #order: (order: ProcessOrder) => void;
  readonly #heard: (is: ProcessReport["is"], id?: number) => Promise<ProcessReport>;
  readonly #end: () => Promise<void>;
  readonly #gone: Promise<unknown>;
  #holds = 0;

  private constructor(parts: {
    readonly url: string;
    readonly order: (order: ProcessOrder) => void;
    readonly heard: (is: ProcessReport["is"], id?: number) => Promise<ProcessReport>;
    readonly end: () => Promise<void>;
    readonly gone: Promise<unknown>;
  }) {
    this.url = parts.url;
    this.#order = parts.order;
    this.#heard = parts.heard;
    this.#end = parts.end;
    this.#gone = parts.gone;
  }

  static async start({ databaseUrl, dataDir, aheadMs = 0, fault }: ProcessOptions): Promise<ClinicProcess> {
    const settings = {
      PORT: "0",
      HOST: "127.0.0.1",
      DEMO: "1",
      LOG_LEVEL: "warn",
      COMMANDS_PER_SECOND: "10000",
    };
    const child = fork(entry, [String(aheadMs), ...(fault ? [fault] : [])], {
      cwd: root,
      execArgv: [],
      silent: true,
      env: {
        PATH: process.env.PATH,
        ...compileCache,
        ...settings,
        DATA_DIR: dataDir,
        DATABASE_URL: databaseUrl,
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk) => {
        output = (output + String(chunk)).slice(-8_000);
      });
    }
    const gone = once(child, "exit");
    const died = gone.then(() => Promise.reject(new Error(`the process ended: ${output}`)));
    died.catch(() => {});
    const heard = (is: ProcessReport["is"], id?: number) => {
      const { promise, resolve } = Promise.withResolvers<ProcessReport>();
      const listen = (report: ProcessReport) => {
        if (report.is === is && (report.is === "listening" || report.id === id)) resolve(report);
      };
      child.on("message", listen);
      return Promise.race([promise, died]).finally(() => child.off("message", listen));
    };
    const listening = await heard("listening");
    return new ClinicProcess({
      url: `http://127.0.0.1:${listening.is === "listening" ? listening.port : 0}`,
      order: (order) => child.send(order),
      heard,
      end: async () => {
        child.kill("SIGKILL");
        await gone;
      },
      gone,
    });
  }

  /** Keeps the next such append; resolves when that is arranged. `held` resolves when there was one. */
  async hold(room: string, { type, side }: Omit<Hold, "of">): Promise<{ readonly held: Promise<unknown> }> {
    this.#holds += 1;
    const id = this.#holds;
    const [set, held] = [this.#heard("set", id), this.#heard("held", id)];
    held.catch(() => {});
    this.#order({ does: "hold", id, room, type, side });
    await set;
    return { held };
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.#end();
  }

  /** An orderly end: its rooms sleep. */
  async close(): Promise<void> {
    this.#order({ does: "close" });
    await this.#gone;
  }
}
