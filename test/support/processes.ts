import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * For processes of ours, which are started hundreds of times in a test run: Node keeps what it compiled, and a start costs half as much.
 * A process that is killed keeps nothing.
 */
export const compileCache = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url)),
} as const;

/** How much of a child's output is kept for error messages (characters). */
const outputKept = 256_000;

export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

export interface LaunchOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly identity?: Identity | undefined;
  /** What the child writes (to either output) once it serves. */
  readonly ready: RegExp;
  /** Milliseconds. */
  readonly readyWithin: number;
  /** What ends it when this process ends first. */
  readonly abort?: NodeJS.Signals;
}

export interface Running {
  readonly pid: number;
  /** What `ready` matched. */
  readonly ready: RegExpExecArray;
  /** Everything it wrote so far, the oldest dropped. */
  output(): string;
  running(): boolean;
  /** To the process, and with `family` to its direct children too. */
  signal(name: NodeJS.Signals, options?: { family?: boolean }): void;
  /** Resolves with the exit code or the signal's name. */
  readonly exited: Promise<number | string>;
}

/**
 * Starts a process and waits until it says that it is ready. It cannot outlive this process, however this
 * one ends. Throws with the child's output when it ends or stays silent instead.
 */
export async function launch(options: LaunchOptions): Promise<Running> {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ["ignore", "pipe", "pipe"],
    ...options.identity,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      output = (output + chunk).slice(-outputKept);
    });
  }
  const exited = new Promise<number | string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? code ?? "unknown"));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.command} did not start: ${await exited}`);
  const release = guardProcess(pid, options.abort ?? "SIGKILL");
  exited.then(release);
  const ready = await untilReady(child, options, exited, () => output);
  return {
    pid,
    ready,
    output: () => output,
    running: () => child.exitCode === null && child.signalCode === null,
    signal: (name, { family = false } = {}) => {
      for (const target of family ? [pid, ...childrenOf(pid)] : [pid]) sendSignal(target, name);
    },
    exited,
  };
}

async function untilReady(
  child: ChildProcess,
  { command, ready, readyWithin }: LaunchOptions,
  exited: Promise<number | string>,
  output: () => string,
): Promise<RegExpExecArray> {
  return await new Promise((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      child.kill("SIGKILL");
      reject(new Error(`${command} ${why}. Its output:\n${output()}`));
    };
    const timer = setTimeout(() => fail(`was not ready within ${readyWithin} ms`), readyWithin);
    const check = () => {
      const match = ready.exec(output());
      if (!match) return;
      clearTimeout(timer);
      child.stdout?.off("data", check);
      child.stderr?.off("data", check);
      resolve(match);
    };
    child.stdout?.on("data", check);
    child.stderr?.on("data", check);
    exited.then((how) => fail(`ended before it was ready (${how})`));
  });
}

/** The direct children of a process, from the kernel. */
export function childrenOf(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number);
}

/** Whether a process runs; one that only waits to be reaped does not. */
export function isAlive(pid: number): boolean {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return false;
  const stat = readFileSync(path, "utf8");
  return !stat.slice(stat.lastIndexOf(")")).startsWith(") Z");
}

export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): void;
}

/** A new folder that goes when it is removed, or at the latest when this process ends. */
export function temporaryFolder(name: string, identity?: Identity): TemporaryFolder {
  const path = mkdtempSync(join(tmpdir(), `hugmedo-${name}-`));
  if (identity) chownSync(path, identity.uid, identity.gid);
  const release = guard('sleep 3; rm -rf -- "$1"', path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
      release();
    },
  };
}

/** The account that a service runs under which refuses root; undefined where we are not root. */
export function serviceIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const account = ["postgres", "nobody"]
    .map((name) => accounts.find((fields) => fields[0] === name))
    .find((fields) => fields !== undefined);
  if (!account) throw new Error("There is no account 'postgres' or 'nobody' to run services under.");
  return { uid: Number(account[2]), gid: Number(account[3]) };
}

function guardProcess(pid: number, abort: NodeJS.Signals): () => void {
  const family = "$1 $(cat /proc/$1/task/$1/children)";
  const signal = abort.slice("SIG".length);
  return guard(`kill -CONT ${family}; kill -${signal} $1; sleep 2; kill -KILL ${family}`, String(pid));
}

/**
 * Runs a shell script when this process (or the worker thread that called) ends without having called the
 * returned function, also when it is killed: the script waits for the end of its input.
 */
function guard(script: string, argument: string): () => void {
  const child = spawn("sh", ["-c", `read _; (${script}) 2>/dev/null`, "guard", argument], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return () => child.kill("SIGKILL");
}
