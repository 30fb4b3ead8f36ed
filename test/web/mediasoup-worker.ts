import { readFile } from "node:fs/promises";
import { delimiter } from "node:path";
import { findWorker } from "../../media/mediasoup/worker-binary.ts";

const { MEDIASOUP_WORKER_BIN: workerBin = null, PATH: path = "" } = process.env;

/** The worker that a server on this machine would use; null: there is none, and its calls cannot be tried. */
export const worker = findWorker({ workerBin, path: path.split(delimiter).filter((one) => one !== "") });

/** What a server is to be told of it. */
export const workerEnv: Readonly<Record<string, string>> = workerBin
  ? { MEDIASOUP_WORKER_BIN: workerBin }
  : {};

if (worker === null) {
  process.stderr.write(
    "Calls over mediasoup are NOT tried: there is no mediasoup-worker on this machine. See docs/media.md.\n",
  );
}

/** The workers of a server that runs here. */
export async function workersOf(pid: number): Promise<readonly number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  const all = await Promise.all(
    children
      .split(" ")
      .filter((one) => one.trim() !== "")
      .map(async (one) => [Number(one), await readFile(`/proc/${one.trim()}/cmdline`, "utf8")] as const),
  );
  return all.filter(([, command]) => command.includes("mediasoup")).map(([child]) => child);
}

/** Signals the only worker of a server. */
export async function signalWorker(pid: number, signal: NodeJS.Signals): Promise<void> {
  const [found, ...more] = await workersOf(pid);
  if (found === undefined || more.length > 0) throw new Error("The server has not one worker.");
  process.kill(found, signal);
}
