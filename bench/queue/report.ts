import { type Spread, spread } from "../statistics.ts";
import { spreadCells, table } from "../table.ts";
import {
  cpuPerCommand,
  type Figures,
  messagesPerCommand,
  type Round,
  resultsOf,
  sizesIn,
} from "./figures.ts";
import type { SizeResult } from "./stand.ts";

/** One line while the benchmark runs. */
export function progressLine(size: number, result: SizeResult): string {
  const { status, ...reorders } = result.drills;
  const { all, cpu, window } = status;
  const others = ((cpu.others ?? 0) / (window * 1_000)).toFixed(2);
  const told = Object.values(reorders)
    .flatMap(({ byName }) => Object.entries(byName))
    .map(
      ([name, { messages, toldMs }]) =>
        `${name} ${messages.told.toFixed(0)} told in ${toldMs.p50.toFixed(1)} ms`,
    );
  return [
    `${size} waiting`.padEnd(14),
    `${cpuPerCommand(result, "status", "server").toFixed(0)} µs a status command`,
    `${messagesPerCommand(all).toFixed(2)} messages`,
    `staff p50 ${all.staffPatchMs.p50.toFixed(1)}, p99 ${all.staffPatchMs.p99.toFixed(1)} ms`,
    ...told,
    `others ${others} cores`,
  ].join("; ");
}

/** The rounds as a person reads them: medians, with the least and the greatest. */
export function report(rounds: readonly Round[], figures: Figures): string {
  const sizes = sizesIn(rounds);
  const rows = sizes.map((size) => statusRow(size, resultsOf(rounds, size)));
  const reorders = Object.entries(figures.reorders).flatMap(([name, by]) =>
    sizes.map((size) => [
      name,
      String(size),
      by.messagesPerCommand[size]?.toFixed(1) ?? "",
      by.staffPatchMs[size]?.p50.toFixed(1) ?? "",
      by.staffPatchMs[size]?.p99.toFixed(1) ?? "",
      by.toldMs[size]?.p50.toFixed(1) ?? "",
      by.toldMs[size]?.p99.toFixed(1) ?? "",
    ]),
  );
  const cpu = Object.entries(figures.reorderCpuPerCommand).map(([drill, by]) => [
    drill === "leave" ? "leave, join" : drill,
    ...sizes.map((size) => by[size]?.toFixed(0) ?? ""),
  ]);
  return [
    `Medians of ${rounds.length} round(s), one command at a time. Staff: command → each staff screen's patch; told: → the last patient concerned.`,
    "Commands that change one entry's status (call, hold, resume):",
    table(
      [
        "waiting",
        "server µs",
        "min",
        "max",
        "PostgreSQL µs",
        "messages",
        "patch bytes",
        "staff p50 ms",
        "p99",
        "told p50 ms",
        "p99",
        "others",
      ],
      rows,
    ),
    "Commands that change the order:",
    table(["", "waiting", "messages", "staff p50 ms", "p99", "told p50 ms", "p99"], reorders),
    "Their CPU on the server, µs a command:",
    table(["", ...sizes.map((size) => `${size} waiting`)], cpu),
    ...warnings(rounds),
    "Ratios:",
    table(
      ["", "median", "min", "max"],
      Object.entries(figures.ratios).map(([name, value]) => [name, ...spreadCells(value, 2)]),
    ),
  ].join("\n\n");
}

function statusRow(size: number, results: readonly SizeResult[]): readonly string[] {
  const of = (value: (result: SizeResult) => number): Spread | null => spread(results.map(value));
  const middle = (value: (result: SizeResult) => number, digits: number) =>
    of(value)?.median.toFixed(digits) ?? "";
  const times = (of: "staffPatchMs" | "toldMs", share: "p50" | "p99") =>
    middle(({ drills }) => drills.status.all[of][share], 1);
  return [
    String(size),
    ...spreadCells(
      of((result) => cpuPerCommand(result, "status", "server")),
      0,
    ),
    middle((result) => cpuPerCommand(result, "status", "postgres"), 0),
    middle(({ drills }) => messagesPerCommand(drills.status.all), 2),
    middle(({ drills }) => drills.status.all.patchBytes, 0),
    times("staffPatchMs", "p50"),
    times("staffPatchMs", "p99"),
    times("toldMs", "p50"),
    times("toldMs", "p99"),
    middle(({ drills }) => (drills.status.cpu.others ?? 0) / (drills.status.window * 1_000), 2),
  ];
}

function warnings(rounds: readonly Round[]): readonly string[] {
  const all = rounds.flatMap((round) => round.sizes);
  const disturbed = all.filter(
    ({ drills }) => (drills.status.cpu.others ?? 0) / (drills.status.window * 1_000) >= 0.25,
  ).length;
  const without = all.filter(({ snapshot }) => !snapshot).length;
  return [
    ...(disturbed > 0
      ? [`WARNING: something else kept this machine busy in ${disturbed} of ${all.length} measurements.`]
      : []),
    ...(without > 0
      ? [`WARNING: ${without} of ${all.length} windows saw no snapshot: take more --commands.`]
      : []),
  ];
}
