import { spread } from "../statistics.ts";
import { spreadCells, table } from "../table.ts";
import type { RunResult } from "./load/run.ts";
import { cpuPerDelivery, type Ratios } from "./ratios.ts";
import type { Outcome, Round } from "./rounds.ts";
import { type ContestantName, contestantNames } from "./shape.ts";
import { cores, isClientLimited, isDisturbed, isFaultless } from "./stand.ts";

/** One line while the benchmark runs. */
export function progressLine(name: ContestantName, result: RunResult): string {
  const faults = isFaultless(result) ? "" : `  ${faultsOf(result)}`;
  const cpu = Object.keys(result.cpu)
    .filter((process) => process !== "client" && process !== "others")
    .map((process) => `${process} ${cpuPerDelivery(result, process).toFixed(2)}`);
  return [
    name.padEnd(18),
    `${result.rate}/s`.padStart(8),
    `p50 ${result.p50.toFixed(1)} ms`.padStart(14),
    `p99 ${result.p99.toFixed(1)} ms`.padStart(15),
    `  µs/delivery: ${cpu.join(", ")}`,
    `  cores: client ${cores(result, "client").toFixed(2)}, others ${cores(result, "others").toFixed(2)}${faults}`,
  ].join("");
}

/** The rounds as a person reads them: medians, with the least and the greatest. */
export function report(rounds: readonly Round[], ratios: Ratios): string {
  const names = namesIn(rounds);
  const rates = ratesIn(rounds);
  const rows = rates.flatMap((rate) => names.map((name) => rateRow(name, rate, rounds)));
  const ladder = names.map((name) => ladderRow(name, rounds)).filter((row) => row !== null);
  return [
    [
      `Medians of ${rounds.length} round(s). Latency: intended send → last member. CPU in µs per delivery.`,
      "* the client was near its limit. Others: what else ran on this machine, the kernel's own work included.",
    ].join("\n"),
    table(
      [
        "",
        "rate/s",
        "p50 ms",
        "p99 ms",
        "server µs",
        "PostgreSQL µs",
        "Redis µs",
        "client cores",
        "others",
        "",
      ],
      rows,
    ),
    ...(ladder.length > 0
      ? [
          "Highest rate with p99 ≤ 200 ms and nothing missing (messages/s):",
          table(["", "median", "min", "max"], ladder),
        ]
      : []),
    ...disturbance(rounds),
    "Ratios:",
    table(
      ["", "median", "min", "max"],
      Object.entries(ratios).map(([name, value]) => [name, ...spreadCells(value, 2)]),
    ),
  ].join("\n\n");
}

function rateRow(name: ContestantName, rate: number, rounds: readonly Round[]): readonly string[] {
  const results = outcomesOf(name, rounds).flatMap((outcome) => outcome.rates.filter((r) => r.rate === rate));
  const middle = (value: (result: RunResult) => number, digits: number) =>
    spread(results.map(value))?.median.toFixed(digits) ?? "";
  const faulty = results.find((result) => !isFaultless(result));
  return [
    name,
    String(rate),
    middle((result) => result.p50, 1),
    middle((result) => result.p99, 1),
    middle((result) => cpuPerDelivery(result, "server"), 2),
    middle((result) => cpuPerDelivery(result, "postgres"), 2),
    middle((result) => cpuPerDelivery(result, "redis"), 2),
    `${results.some(isClientLimited) ? "* " : ""}${middle((result) => cores(result, "client"), 2)}`,
    middle((result) => cores(result, "others"), 2),
    faulty ? faultsOf(faulty) : "",
  ];
}

function ladderRow(name: ContestantName, rounds: readonly Round[]): readonly string[] | null {
  const ladders = outcomesOf(name, rounds).flatMap(({ ladder }) => ladder ?? []);
  if (ladders.length === 0) return null;
  const cells = spreadCells(spread(ladders.map(({ sustained }) => sustained)), 0);
  return [name, ...cells.map((cell) => (ladders.some(({ atLeast }) => atLeast) ? `≥ ${cell}` : cell))];
}

function disturbance(rounds: readonly Round[]): readonly string[] {
  const results = rounds.flatMap(({ outcomes }) =>
    Object.values(outcomes).flatMap(({ rates, ladder }) => [...rates, ...(ladder?.steps ?? [])]),
  );
  const disturbed = results.filter(isDisturbed).length;
  if (disturbed === 0) return [];
  return [
    `WARNING: something else kept this machine busy in ${disturbed} of ${results.length} measurements.`,
  ];
}

function faultsOf(result: RunResult): string {
  const counts = (["unsent", "missing", "duplicates", "refused", "unanswered"] as const)
    .filter((kind) => result[kind] > 0)
    .map((kind) => `${kind} ${result[kind]}`);
  return [...counts, ...(result.note ? [`(${result.note})`] : [])].join(" ");
}

function namesIn(rounds: readonly Round[]): readonly ContestantName[] {
  return contestantNames.filter((name) => rounds[0]?.outcomes[name] !== undefined);
}

function ratesIn(rounds: readonly Round[]): readonly number[] {
  const all = rounds.flatMap((round) => Object.values(round.outcomes).flatMap(({ rates }) => rates));
  return [...new Set(all.map(({ rate }) => rate))].sort((a, b) => a - b);
}

function outcomesOf(name: ContestantName, rounds: readonly Round[]): readonly Outcome[] {
  return rounds.flatMap(({ outcomes }) => outcomes[name] ?? []);
}
