import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "hugmedo-recording-";

/** Runs `work` with a folder that nobody else can read and that is gone afterwards. */
export async function inWorkFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Removes what processes have left that were killed. Never throws. */
export async function sweepWorkFolders(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1] ?? 0);
    const path = join(tmpdir(), name);
    if (pid === 0 || !(await isLeftOver(path, pid))) continue;
    await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** In a container every process may have the same number. */
async function isLeftOver(path: string, pid: number): Promise<boolean> {
  if (pid !== process.pid) return !isThere(pid);
  const began = Date.now() - process.uptime() * 1_000;
  const made = await stat(path).catch(() => null);
  return made !== null && made.mtimeMs < began - 1_000;
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
