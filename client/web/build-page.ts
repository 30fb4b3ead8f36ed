import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "./build-lock.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const web = join(root, "client/web");

/** Where the built page is. */
export const pageDirectory = join(web, "build");

const lock = join(web, ".svelte-kit/build.lock");
const stamp = join(pageDirectory, ".built-from");
const sources = ["client/web/src", "client/web/static", "client/sdk", "core/domain", "core/protocol"];
const files = [
  "client/web/vite.config.ts",
  "client/web/build-vendor.ts",
  "client/web/tsconfig.json",
  "package-lock.json",
];

/** Builds the page unless it was built from these very sources. Throws with what the build printed. */
export async function buildPageIfStale(): Promise<{ readonly built: boolean; readonly ms: number }> {
  const started = performance.now();
  const wanted = await fingerprint();
  const built = !(await isBuiltFrom(wanted)) && (await exclusively(lock, () => buildFrom(wanted)));
  return { built, ms: performance.now() - started };
}

/** false: another process has built it in the meantime. */
async function buildFrom(wanted: string): Promise<boolean> {
  if (await isBuiltFrom(wanted)) return false;
  await run([join(root, "node_modules/vite/bin/vite.js"), "build"]);
  await run([join(web, "build-vendor.ts")]);
  await writeFile(stamp, wanted);
  return true;
}

async function isBuiltFrom(wanted: string): Promise<boolean> {
  return (await readFile(stamp, "utf8").catch(() => "")) === wanted;
}

/** One hash over the names and contents of everything the page is made of. */
async function fingerprint(): Promise<string> {
  const folders = await Promise.all(
    sources.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
    }),
  );
  const paths = [...folders.flat(), ...files.map((file) => join(root, file))].sort();
  const hash = createHash("sha256");
  for (const path of paths) {
    hash.update(path.slice(root.length)).update("\0");
    hash.update(await readFile(path)).update("\0");
  }
  return hash.digest("hex");
}

/** In a process of its own, so that the server does not keep what only the build needs. */
function run(script: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(process.execPath, script, { cwd: web, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  child.on("error", reject);
  child.on("exit", (code) => {
    if (code === 0) resolve();
    else reject(new Error(`The page could not be built.\n${output}`));
  });
  return promise;
}
