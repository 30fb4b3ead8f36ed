import { readFileSync } from "node:fs";
import { childrenOf } from "../test/support/processes.ts";

/** The kernel's clock ticks a second, in which /proc counts CPU time; 100 on every Linux of today. */
const ticksPerSecond = 100;

/**
 * CPU time a process has used so far, in microseconds: all its threads, user and system. With `family` its
 * children are counted too, those that have ended included.
 */
export function cpuMicros(pid: number, options: { readonly family?: boolean } = {}): number {
  const own = ticks(pid);
  if (!options.family) return toMicros(own.own);
  const children = childrenOf(pid).map((child) => ticks(child).own);
  return toMicros(children.reduce((sum, value) => sum + value, own.own + own.ended));
}

/** CPU time that everything on this machine has used so far, and what its host took away, in microseconds. */
export function machineMicros(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readFileSync(
    "/proc/stat",
    "utf8",
  )
    .slice("cpu  ".length)
    .split(" ", 8)
    .map(Number);
  return toMicros(user + nice + system + irq + softirq + steal);
}

function ticks(pid: number): { own: number; ended: number } {
  const stat = readStat(pid);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
    .map(Number);
  return { own: user + system, ended: endedUser + endedSystem };
}

/** A child may end between the listing and the look: its time is then in its parent's next reading. */
function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return "";
  }
}

function toMicros(count: number): number {
  return (count / ticksPerSecond) * 1_000_000;
}
