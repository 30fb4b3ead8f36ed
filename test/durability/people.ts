import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Line, parseHistory } from "../checker/history.ts";
import { temporaryFolder } from "../support/processes.ts";
import type { DriverOrder, DriverReport } from "./driver-protocol.ts";

export interface PeopleOptions {
  /** The first person connects to the first, and so on in turn. */
  readonly servers: readonly string[];
  readonly seed: number;
  readonly rooms: number;
  /** Requests a second. */
  readonly rate: number;
}

/** The driver, seen from the test. */
export interface People {
  /** Ids of the chats they are in. */
  readonly chats: readonly string[];
  start(): void;
  /** Resolves after that many further acknowledgements. */
  acks(further: number): Promise<void>;
  /**
   * Stops the load and waits until everyone has come to rest, at most so long. Returns who has not, and
   * everything that was recorded.
   */
  settle(withinMs: number): Promise<{ readonly unsettled: readonly string[]; readonly lines: Line[] }>;
  dispose(): void;
}

const driver = fileURLToPath(new URL("driver.ts", import.meta.url));

/** Starts the driver and waits until everyone is in their rooms. */
export async function startPeople({ servers, seed, rooms, rate }: PeopleOptions): Promise<People> {
  const folder = temporaryFolder("recording");
  const file = join(folder.path, "history.jsonl");
  const child = fork(driver, [servers.join(), file, String(seed), String(rooms), String(rate)], {
    execArgv: [],
    silent: true,
  });
  let output = "";
  child.stderr?.on("data", (chunk) => {
    output = (output + String(chunk)).slice(-4_000);
  });
  const listeners = new Set<(report: DriverReport) => void>();
  let count = 0;
  child.on("message", (report: DriverReport) => {
    if (report.is === "acks") count = report.count;
    for (const listener of listeners) listener(report);
  });
  const died = new Promise<never>((_, reject) => {
    child.once("exit", (code, signal) =>
      reject(new Error(`the driver ended (${code ?? signal}): ${output}`)),
    );
  });
  died.catch(() => undefined);

  const told = <T>(wanted: (report: DriverReport) => T | undefined): Promise<T> => {
    const { promise, resolve } = Promise.withResolvers<T>();
    const listener = (report: DriverReport) => {
      const found = wanted(report);
      if (found !== undefined) resolve(found);
    };
    listeners.add(listener);
    return Promise.race([promise, died]).finally(() => listeners.delete(listener));
  };
  const order = (what: DriverOrder) => {
    child.send(what);
  };

  const chats = await told((report) => (report.is === "ready" ? report.chats : undefined));
  return {
    chats,
    start: () => order({ does: "start" }),
    acks: async (further) => {
      const goal = count + further;
      await told(() => (count >= goal ? true : undefined));
    },
    settle: async (withinMs) => {
      const settled = told((report) => (report.is === "settled" ? report.unsettled : undefined));
      order({ does: "settle", withinMs });
      const unsettled = await settled;
      return { unsettled, lines: parseHistory(readFileSync(file, "utf8")) };
    },
    dispose: () => {
      child.kill("SIGKILL");
      folder.remove();
    },
  };
}
