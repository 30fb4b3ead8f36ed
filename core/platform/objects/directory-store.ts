import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DomainError } from "../../domain/errors.ts";
import { assertFolder, assertName, type ObjectStore } from "./object-store.ts";

/** Drafts stand in their own folder, which no object's name can reach. */
const drafts = ".drafts";

/** Objects as files below `root`, for one process or for processes that share the directory. */
export function createDirectoryStore(root: string): ObjectStore {
  return {
    put: async (name, bytes) => {
      assertName(name);
      await attempt(async () => {
        const path = join(root, name);
        const draft = join(root, drafts, randomUUID());
        await Promise.all([made(dirname(path)), made(dirname(draft))]);
        try {
          await flushed(draft, bytes);
          await rename(draft, path);
        } catch (error) {
          await rm(draft, { force: true });
          throw error;
        }
        await settled(dirname(path));
      });
    },
    get: async (name) => {
      assertName(name);
      return attempt(() => readFile(join(root, name)).catch(unlessAbsent(null)));
    },
    list: async (folder) => {
      assertFolder(folder);
      const found = await attempt(() =>
        readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(unlessAbsent([])),
      );
      const top = join(root, "/").length;
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(top))
        .filter((name) => !name.startsWith(drafts))
        .sort();
    },
    remove: async (folder) => {
      assertFolder(folder);
      await attempt(() => rm(join(root, folder), { recursive: true, force: true }));
    },
  };
}

async function made(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

async function flushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A name is durable once its folder is. */
async function settled(folder: string): Promise<void> {
  const file = await open(folder, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function attempt<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (cause) {
    throw new DomainError("unavailable", undefined, { cause });
  }
}

function unlessAbsent<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : null;
    if (code === "ENOENT" || code === "ENOTDIR") return otherwise;
    throw error;
  };
}
