// Runs a script of ours on the pinned Node runtime, whatever Node called this file: `node app/run.mjs <script> [args]`.
// It is plain JavaScript because it must run on the oldest Node that is supported (20). Relying on node_modules/.bin/node
// would not do: npm 10 removes that link again, after the runtimes of the other platforms could not be installed.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const packages = [
  `node-${process.platform}-${process.arch}`,
  `node-bin-${process.platform}-${process.arch}`,
].map((name) => name.replace("win32", "win"));
const [script = "", ...args] = process.argv.slice(2);
const runtime = findRuntime();

if (runtime === null || runtime === process.execPath) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 22 || (major === 22 && minor < 18)) {
    console.error(
      `There is no pinned Node for ${process.platform} ${process.arch}, and ${process.version} cannot run TypeScript. ` +
        "Install Node 24 and try again.",
    );
    process.exit(1);
  }
  stopWithShell(() => process.kill(process.pid, "SIGTERM"));
  process.argv.splice(1, 2, resolve(script));
  await import(pathToFileURL(resolve(script)).href);
} else {
  const child = spawn(runtime, [...process.execArgv, script, ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  stopWithShell(() => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function findRuntime() {
  const require = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      const folder = dirname(require.resolve(`${name}/package.json`));
      return join(folder, "bin", process.platform === "win32" ? "node.exe" : "node");
    } catch {
      // Not the package of this platform.
    }
  }
  return null;
}

// npm passes SIGTERM to the shell it started us by, and the shell takes it to its grave: so we end when that is gone.
function stopWithShell(stop) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    stop();
  }, 250);
  watch.unref();
}
