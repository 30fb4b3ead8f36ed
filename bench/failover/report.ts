import { rounded, type Times } from "../handoff/drain.ts";
import { spread } from "../statistics.ts";
import { table } from "../table.ts";
import type { Kill } from "./kill.ts";

/** Medians over the kills; what must not be is summed up. Milliseconds. */
export interface Figures {
  readonly answerMs: Times;
  readonly seatedMs: Times;
  readonly lost: number;
  readonly unanswered: number;
  readonly faults: number;
}

export function figuresOf(kills: readonly Kill[]): Figures {
  const middle = (value: (kill: Kill) => number) => rounded(spread(kills.map(value))?.median ?? Number.NaN);
  const times = (value: (kill: Kill) => Times): Times => ({
    p50: middle((kill) => value(kill).p50),
    p99: middle((kill) => value(kill).p99),
    max: middle((kill) => value(kill).max),
  });
  const sum = (value: (kill: Kill) => number) => kills.reduce((total, kill) => total + value(kill), 0);
  return {
    answerMs: times(({ answerMs }) => answerMs),
    seatedMs: times(({ seatedMs }) => seatedMs),
    lost: sum(({ losses, astray }) => losses.lost + astray),
    unanswered: sum(({ losses }) => losses.unanswered),
    faults: sum(({ faults }) => faults.count),
  };
}

/** One line while the benchmark runs. */
export function progressLine({
  answerMs,
  seatedMs,
  losses,
  astray,
  counts,
  faults,
  cores,
  lateness,
}: Kill): string {
  const words = ({ p50, p99, max }: Times) =>
    `p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)}, max ${max.toFixed(0)} ms`;
  return [
    `rooms answer after ${words(answerMs)}`,
    `members are seated after ${words(seatedMs)}`,
    `${losses.lost} of ${losses.sent} lost, ${losses.unanswered} unanswered, ${astray} astray`,
    `${counts.rejoined} rejoined, ${counts.resumes} resumes, ${counts.retries} retries`,
    `cores ${Object.entries(cores)
      .map(([name, used]) => `${name} ${used.toFixed(2)}`)
      .join(", ")}`,
    `clients late by ${lateness.toFixed(1)} ms`,
    ...(faults.count > 0 ? [`${faults.count} FAULTS: ${faults.examples.join("; ")}`] : []),
  ].join("; ");
}

/** The kills as a person reads them. */
export function report(kills: readonly Kill[], figures: Figures): string {
  const row = (name: string, index: number, { p50, p99, max }: Times) => [
    index === 0 ? name : "",
    String(index + 1),
    ...[p50, p99, max].map((ms) => ms.toFixed(0)),
  ];
  return [
    `${kills.length} kill(s). Lost: ${figures.lost}; unanswered: ${figures.unanswered}; faults: ${figures.faults}.`,
    table(
      ["ms since the kill", "kill", "p50", "p99", "max"],
      [
        ...kills.map(({ answerMs }, index) => row("a room answers", index, answerMs)),
        ...kills.map(({ seatedMs }, index) => row("a member is seated", index, seatedMs)),
      ],
    ),
    `Medians: a room answers after p50 ${figures.answerMs.p50.toFixed(0)}, p99 ${figures.answerMs.p99.toFixed(0)} ms.`,
  ].join("\n\n");
}
