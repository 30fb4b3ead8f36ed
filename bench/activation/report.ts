import { percentile } from "../statistics.ts";
import { spreadCells, table } from "../table.ts";
import { type ByHistory, chatName, type Figures, type Times, type Wakes } from "./figures.ts";
import type { Woken } from "./wake.ts";
import type { Ending } from "./world.ts";

const disturbedBy = 0.25;

/** One line while the benchmark runs. */
export function progressLine(ending: Ending, { group, wakeMs, awakeMs, cpu, window, others }: Woken): string {
  const at = (times: readonly number[], share: number) => percentile(times, share).toFixed(1);
  return [
    `${group}, ${ending}`.padEnd(24),
    `${wakeMs.length} woken: p50 ${at(wakeMs, 0.5)}, max ${at(wakeMs, 1)} ms`,
    `awake p50 ${at(awakeMs, 0.5)} ms`,
    `server ${(cpu.server ?? 0).toFixed(0)} µs a wake`,
    `others ${(others / window).toFixed(2)} cores`,
  ].join("; ");
}

/** The starts as a person reads them. */
export function report(wakes: readonly Wakes[], figures: Figures): string {
  const { byHistory, afterCrash, otherKinds, awakeMs, cpuPerWake } = figures;
  const row = (name: string, slept: Times | undefined, crashed: Times | undefined) => [
    name,
    ...cells(slept),
    ...cells(crashed),
    ...cells(awakeMs[name]).slice(0, 1),
    ...["server", "postgres", "redis"].map((process) => cpuPerWake[name]?.[process]?.toFixed(0) ?? ""),
  ];
  const rows = [
    ...rowsOf(byHistory).map(([history, times]) => row(chatName(history), times, afterCrash[history])),
    ...Object.entries(otherKinds).map(([name, times]) => row(name, times, undefined)),
  ];
  return [
    "From a request that finds the room asleep until its answer, ms; the same request awake; CPU of a wake, µs.",
    table(
      ["", "slept p50", "p99", "crashed p50", "p99", "awake p50", "server µs", "PostgreSQL µs", "Redis µs"],
      rows,
    ),
    ...warnings(wakes),
    "Ratios:",
    table(
      ["", "median", "min", "max"],
      Object.entries(figures.ratios).map(([name, value]) => [name, ...spreadCells(value, 2)]),
    ),
  ].join("\n\n");
}

function rowsOf(byHistory: ByHistory): readonly (readonly [number, Times])[] {
  return Object.entries(byHistory).map(([history, times]) => [Number(history), times]);
}

function cells(times: Times | undefined): readonly string[] {
  return times ? [times.p50.toFixed(1), times.p99.toFixed(1)] : ["", ""];
}

function warnings(wakes: readonly Wakes[]): readonly string[] {
  const all = wakes.flatMap(({ groups }) => groups);
  const disturbed = all.filter(({ others, window }) => others / window >= disturbedBy).length;
  return disturbed > 0
    ? [`WARNING: something else kept this machine busy in ${disturbed} of ${all.length} measurements.`]
    : [];
}
