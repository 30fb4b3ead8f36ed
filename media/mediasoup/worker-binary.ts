import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { version as mediasoupVersion, workerBin as packagedBin } from "mediasoup";

export interface WorkerSearch {
  /** The binary itself; null: it is looked for. */
  readonly workerBin: string | null;
  /** Folders that may have a `mediasoup-worker`, first come first served. */
  readonly path: readonly string[];
}

/** What mediasoup has to have. */
export const workerVersion = mediasoupVersion;

/** The worker's path: the one that is set, else one on the PATH, else the package's own; null: there is none. */
export function findWorker({ workerBin, path }: WorkerSearch): string | null {
  if (workerBin !== null) return isExecutable(workerBin) ? workerBin : null;
  const found = path.map((folder) => join(folder, "mediasoup-worker")).find(isExecutable);
  return found ?? (isExecutable(packagedBin) ? packagedBin : null);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
