import { percentile } from "../../bench/statistics.ts";
import { verdict as count } from "../checker/check.ts";
import { gaps } from "../checker/check-connections.ts";
import type { Line, Of } from "../checker/history.ts";
import type { Violation } from "../checker/violation.ts";
import type { FaultName } from "./faults/index.ts";

/** Milliseconds. */
interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What the run was, as it was meant and as it went. */
export interface Run {
  readonly seed: number;
  readonly asked: readonly FaultName[];
  /** Faults that could not be done, and why. */
  readonly missed: readonly string[];
  /** Who was not live, or had no answer, at the end. */
  readonly unsettled: readonly string[];
  readonly processes: number;
  readonly clients: number;
  /** Seconds of load. */
  readonly seconds: number;
}

/** The least that counts as a real load; null: this run is about safety alone. */
export interface Floor {
  readonly processes: number;
  readonly rooms: number;
  readonly clients: number;
  readonly ackedPerSecond: number;
}

export const realLoad: Floor = { processes: 3, rooms: 50, clients: 200, ackedPerSecond: 150 };

export interface ChaosVerdict {
  readonly acked: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly invented: number;
  readonly splitBrainCommits: number;
  readonly receiptsRegressed: number;
  readonly placesLost: number;
  readonly abnormalCloses: number;
  readonly handoffs: number;
  readonly failovers: number;
  readonly gapMs: Times;
  readonly ok: boolean;
  readonly seed: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly missed: readonly string[];
  readonly unsettled: readonly string[];
  readonly load: Floor & { readonly seconds: number; readonly answerMs: Times };
}

/** Whose rooms were taken soon after something was done to it (ms). */
const afterwards = 15_000;

export function judge(
  lines: readonly Line[],
  violations: readonly Violation[],
  run: Run,
  floor: Floor | null,
): ChaosVerdict {
  const found = count(lines, violations);
  const { handoffs, failovers } = changesOfOwner(lines);
  const faults = happened(lines);
  const rooms = new Set(lines.flatMap((line) => (line.op === "row" ? line.room : []))).size;
  const load = {
    processes: run.processes,
    rooms,
    clients: run.clients,
    ackedPerSecond: Math.round((found.acked / run.seconds) * 10) / 10,
    seconds: Math.round(run.seconds * 10) / 10,
    answerMs: timesOf(answerTimes(lines)),
  };
  const allHappened = run.missed.length === 0 && run.asked.every((name) => (faults[name] ?? 0) > 0);
  const isReal =
    floor === null ||
    (load.processes >= floor.processes &&
      load.rooms >= floor.rooms &&
      load.clients >= floor.clients &&
      load.ackedPerSecond >= floor.ackedPerSecond);
  return {
    acked: found.acked,
    lost: found.lost + found.gap,
    duplicated: found.duplicated,
    reordered: found.reordered,
    invented: found.invented + found.seenBeforeCommit,
    splitBrainCommits: found.splitBrain,
    receiptsRegressed: found.receiptsRegressed,
    placesLost: found.placeLost,
    abnormalCloses: found.abnormalClose,
    handoffs,
    failovers,
    gapMs: timesOf(gaps(lines)),
    ok: found.ok && allHappened && run.unsettled.length === 0 && isReal,
    seed: run.seed,
    faults,
    missed: run.missed,
    unsettled: run.unsettled,
    load,
  };
}

/** A room that went from one process to another: because the former was in trouble, or in good order. */
function changesOfOwner(lines: readonly Line[]): { readonly handoffs: number; readonly failovers: number } {
  const troubles = lines.filter((line) => line.op === "fault");
  const changes = lines
    .filter((line) => line.op === "claim")
    .filter(({ process, before }) => before !== "" && before !== process);
  const failovers = changes.filter((claim) => troubles.some((fault) => explains(fault, claim))).length;
  return { handoffs: changes.length - failovers, failovers };
}

function explains({ t, until = t, on = [] }: Of<"fault">, claim: Of<"claim">): boolean {
  return on.includes(claim.addressBefore) && claim.t >= t && claim.t <= until + afterwards;
}

function happened(lines: readonly Line[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of lines)
    if (line.op === "fault" && line.name !== undefined) counts[line.name] = (counts[line.name] ?? 0) + 1;
  return counts;
}

/** From the first try of a command to its acknowledgement. */
function answerTimes(lines: readonly Line[]): number[] {
  const sent = new Map<string, number>();
  return lines.flatMap((line) => {
    if (line.op === "send") sent.set(`${line.room} ${line.client} ${line.payload.id}`, line.t);
    if (line.op !== "ack") return [];
    const since = sent.get(`${line.room} ${line.client} ${line.id}`);
    return since === undefined ? [] : line.t - since;
  });
}

function timesOf(times: readonly number[]): Times {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => (sorted.length === 0 ? 0 : Math.round(percentile(sorted, share)));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
