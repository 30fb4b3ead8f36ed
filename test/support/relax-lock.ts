import { readFileSync, writeFileSync } from "node:fs";

/**
 * `npm run relax-lock`, after packages changed. npm silently leaves out an optional package whose `engines`
 * exclude the Node that runs npm, or whose `libc` it cannot tell; but ours run on the pinned Node, and
 * without these binaries the page cannot be built. So neither is kept in the lock for optional packages.
 */
const path = "package-lock.json";
const lock = JSON.parse(readFileSync(path, "utf8"));
for (const entry of Object.values<Record<string, unknown>>(lock.packages)) {
  if (!entry.optional) continue;
  delete entry.engines;
  delete entry.libc;
}
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
