import type { CpuReading } from "../cpu.ts";
import { spreadCells, table } from "../table.ts";
import type { Drain, Times } from "./drain.ts";
import type { Figures } from "./figures.ts";

const disturbedBy = 0.25;
/** The clients may be what the figures show when they are this busy (cores), or this late (ms). */
const clientsBusy = 0.85;
const clientsLate = 20;

/** One line while the benchmark runs. */
export function progressLine(drain: Drain): string {
  const { losses, counts, faults, gapMs, latencyRatio, cores, lateness } = drain;
  return [
    `${counts.moved} moved in ${(drain.totalMs / 1_000).toFixed(1)} s, ${counts.rejoined} rejoined`,
    `gap p50 ${gapMs.p50.toFixed(0)}, p99 ${gapMs.p99.toFixed(0)}, max ${gapMs.max.toFixed(0)} ms`,
    `latency ratio ${latencyRatio.toFixed(1)}`,
    `${losses.lost} of ${losses.sent} lost, ${losses.unanswered} unanswered, ${drain.astray} astray`,
    `${drain.lost} connections lost${drain.codes.length > 0 ? ` (${drain.codes.join(", ")})` : ""}`,
    `${counts.resumes} resumes, ${counts.repeats} repeats, ${counts.retries} retries`,
    `cores ${coresWords(cores.during)}; before ${coresWords(cores.before)}`,
    `clients late by ${lateness.during.toFixed(1)} ms`,
    ...(faults.count > 0 ? [`${faults.count} FAULTS: ${faults.examples.join("; ")}`] : []),
  ].join("; ");
}

/** The drains as a person reads them. */
export function report(drains: readonly Drain[], figures: Figures): string {
  const times = (name: string, value: (drain: Drain) => Times) =>
    drains.map((drain, index) => [
      index === 0 ? name : "",
      String(index + 1),
      ...[value(drain).p50, value(drain).p99, value(drain).max].map((ms) => ms.toFixed(1)),
    ]);
  return [
    `${drains.length} drain(s). Lost: ${figures.lost}; unanswered: ${figures.unanswered}; connections lost: ${figures.abnormalCloses}; faults: ${figures.faults}.`,
    table(
      ["ms", "drain", "p50", "p99", "max"],
      [
        ...times("a message, before", ({ before }) => before),
        ...times("a message, during the drain", ({ during }) => during),
        ...times("gap: worst message of the own move", ({ gapMs }) => gapMs),
        ...times("worst message of the whole drain", ({ drainGapMs }) => drainGapMs),
        ...times("told of the move → seated again", ({ followMs }) => followMs),
      ],
    ),
    table(
      ["cores", "drain", ...names(drains)],
      drains.flatMap(({ cores }, index) => [
        ["before", String(index + 1), ...names(drains).map((name) => (cores.before[name] ?? 0).toFixed(2))],
        ["during", "", ...names(drains).map((name) => (cores.during[name] ?? 0).toFixed(2))],
      ]),
    ),
    ...warnings(drains),
    table(
      ["", "median", "min", "max"],
      Object.entries(figures.spreads).map(([name, value]) => [name, ...spreadCells(value, 1)]),
    ),
  ].join("\n\n");
}

function names(drains: readonly Drain[]): readonly string[] {
  return [...new Set(drains.flatMap(({ cores }) => Object.keys(cores.before)))];
}

function coresWords(cores: CpuReading): string {
  return Object.entries(cores)
    .map(([name, used]) => `${name} ${used.toFixed(2)}`)
    .join(", ");
}

function warnings(drains: readonly Drain[]): readonly string[] {
  const limited = drains.filter(
    ({ cores, lateness }) =>
      lateness.during >= clientsLate ||
      Object.entries(cores.during).some(([name, used]) => name.startsWith("clients") && used >= clientsBusy),
  ).length;
  const disturbed = drains.filter(({ cores }) => (cores.before.others ?? 0) >= disturbedBy).length;
  return [
    ...(limited > 0
      ? [`WARNING: the clients were near their own limit in ${limited} of ${drains.length} drains.`]
      : []),
    ...(disturbed > 0
      ? [`WARNING: something else kept this machine busy in ${disturbed} of ${drains.length} drains.`]
      : []),
  ];
}
