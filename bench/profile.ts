import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds. */
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

/** Makes the folder for one server's profiles. */
export function profileFolder(name: string, base: string): string {
  const folder = resolve(join(base, name));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Node's flags that write a process' CPU profile into a folder when it ends. */
export function profileFlags(folder: string): readonly string[] {
  return ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}

/**
 * Where the time went, in every profile that was written into the folder after `since` (ms since the
 * epoch): the functions that used most themselves.
 */
export function summarise(folder: string, since: number, count = 40): string {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".cpuprofile"))
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).mtimeMs >= since)
    .map((path) => summariseProfile(path, count))
    .join("\n\n");
}

function summariseProfile(path: string, count: number): string {
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(path, "utf8"));
  const labels = new Map(nodes.map((node) => [node.id, label(node)]));
  const spent = new Map<string, number>();
  for (const [i, sample] of samples.entries()) {
    const name = labels.get(sample) ?? "?";
    spent.set(name, (spent.get(name) ?? 0) + (timeDeltas[i] ?? 0));
  }
  const idle = spent.get("(idle)") ?? 0;
  spent.delete("(idle)");
  const busy = [...spent.values()].reduce((sum, time) => sum + time, 0);
  const rows = [...spent].sort(([, a], [, b]) => b - a).slice(0, count);
  return [
    `${path}: busy ${(busy / 1e6).toFixed(1)} s, idle ${(idle / 1e6).toFixed(1)} s`,
    ...rows.map(([name, time]) => `${((100 * time) / busy).toFixed(1).padStart(6)} %  ${name}`),
  ].join("\n");
}

function label({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url.split("/").slice(-3).join("/");
  return file ? `${functionName || "(anonymous)"}  ${file}:${lineNumber + 1}` : functionName;
}
