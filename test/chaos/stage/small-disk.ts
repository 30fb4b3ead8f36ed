import { execFile, spawn } from "node:child_process";
import { chown, mkdir, rm, statfs } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { serviceIdentity, temporaryFolder } from "../../support/processes.ts";

const run = promisify(execFile);

/** A file system of a fixed size, so that it can be filled. */
export interface SmallDisk {
  /** An empty folder on it, which services may write. */
  readonly path: string;
  /** Leaves no byte free. */
  fill(): Promise<void>;
  /** Takes away what filled it. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

/** Room for a database of some minutes. */
const size = "512M";

/**
 * Mounts one: an ext4 image where the machine lends us a loop device, which flushes to the real disk as ever, else
 * memory. null: mounting is not allowed here (it takes root).
 */
export async function mountSmallDisk(): Promise<SmallDisk | null> {
  const identity = serviceIdentity();
  if (!identity) return null;
  const folder = temporaryFolder("disk", identity);
  const [image, root] = [join(folder.path, "image"), join(folder.path, "root")];
  await mkdir(root);
  const release = await mount(image, root).catch(() => mountMemory(root).catch(() => null));
  if (!release) {
    folder.remove();
    return null;
  }
  const path = join(root, "database");
  await mkdir(path);
  await chown(root, identity.uid, identity.gid);
  await chown(path, identity.uid, identity.gid);
  const filling = join(root, "filling");
  return {
    path,
    fill: async () => {
      const { bavail, bsize } = await statfs(root);
      await run("fallocate", ["-l", String(bavail * bsize), filling]).catch(() => fillByWriting(filling));
    },
    clear: () => rm(filling, { force: true }),
    dispose: async () => {
      await release();
      folder.remove();
    },
  };
}

async function mount(image: string, root: string): Promise<() => Promise<void>> {
  await run("truncate", ["-s", size, image]);
  await run("mkfs.ext4", ["-q", "-m", "0", image]);
  await run("mount", ["-o", "loop", image, root]);
  return unmounting(root);
}

async function mountMemory(root: string): Promise<() => Promise<void>> {
  await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", root]);
  return unmounting(root);
}

/** dd ends with an error when nothing is left, which is what is wanted. */
async function fillByWriting(path: string): Promise<void> {
  await run("dd", ["if=/dev/zero", `of=${path}`, "bs=64k"]).catch(() => undefined);
}

/** It also goes when this process is killed. */
function unmounting(root: string): () => Promise<void> {
  const child = spawn("sh", ["-c", 'read _; sleep 1; umount -l "$1"', "guard", root], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return async () => {
    child.kill("SIGKILL");
    await run("umount", ["-l", root]);
  };
}
