import { readdirSync, readFileSync } from "node:fs";
import { childrenOf } from "../test/support/processes.ts";

/** The kernel's clock ticks a second, in which /proc counts CPU time; 100 on every Linux of today. */
const ticksPerSecond = 100;

/**
 * CPU time a process has used so far, in microseconds: all its threads, user and system. With `family` its
 * children are counted too, those that have ended included.
 */
export function cpuMicros(pid: number, options: { readonly family?: boolean } = {}): number {
  if (!options.family) return runMicros(pid);
  const { ended } = ticks(pid);
  return [pid, ...childrenOf(pid)].reduce((sum, member) => sum + runMicros(member), toMicros(ended));
}

export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
  readonly family: boolean;
}

/** CPU time used so far, in microseconds, by name. */
export type CpuReading = Readonly<Record<string, number>>;

/** What this process (`client`), the whole machine and these processes have used so far. */
export function readCpu(processes: readonly WatchedProcess[]): CpuReading {
  const own = process.cpuUsage();
  const cpu: Record<string, number> = { client: own.user + own.system, machine: machineMicros() };
  for (const { name, pid, family } of processes) cpu[name] = cpuMicros(pid, { family });
  return cpu;
}

/** Microseconds between two readings; what the machine did beyond the known processes becomes `others`. */
export function cpuBetween(before: CpuReading, after: CpuReading): CpuReading {
  const { machine = 0, ...known } = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, Math.round(value - (before[name] ?? 0))]),
  );
  const sum = Object.values(known).reduce((total, value) => total + value, 0);
  return { ...known, others: Math.max(0, machine - sum) };
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

/** To the nanosecond where the kernel says so, as /proc's own figure is a hundredth of a second coarse. */
function runMicros(pid: number): number {
  try {
    const folder = `/proc/${pid}/task`;
    const threads = readdirSync(folder).map((thread) =>
      Number(readFileSync(`${folder}/${thread}/schedstat`, "utf8").split(" ", 1)[0]),
    );
    return threads.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1_000;
  } catch {
    return toMicros(ticks(pid).own);
  }
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
