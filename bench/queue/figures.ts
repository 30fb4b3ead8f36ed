import { type Spread, spread } from "../statistics.ts";
import type { DrillName } from "./load/drills.ts";
import type { DrillResult, Outcome, Times } from "./load/run.ts";
import type { SizeResult } from "./stand.ts";

/** What the sizes had as results in one round, in the order in which they were measured. */
export interface Round {
  readonly sizes: readonly (SizeResult & { readonly size: number })[];
}

/** By how many wait. */
type BySize<T> = Readonly<Record<string, T>>;

export interface ReorderFigures {
  readonly messagesPerCommand: BySize<number>;
  readonly staffPatchMs: BySize<Pick<Times, "p50" | "p99">>;
  /** Until the last of those whose place changed had been told. */
  readonly toldMs: BySize<Pick<Times, "p50" | "p99">>;
}

/** Medians over the rounds. Times in milliseconds, CPU in microseconds. */
export interface Figures {
  /** The server's, of a command that changes one entry's status, less what it uses at rest. */
  readonly cpuPerCommand: BySize<number>;
  readonly postgresCpuPerCommand: BySize<number>;
  /** Frames to everyone: staff patches, messages to patients, replies. */
  readonly messagesPerCommand: BySize<number>;
  readonly staffPatchMs: BySize<Pick<Times, "p50" | "p99">>;
  readonly toldMs: BySize<Pick<Times, "p50" | "p99">>;
  readonly patchBytes: BySize<number>;
  /** Commands that change the order, by name. */
  readonly reorders: Readonly<Record<string, ReorderFigures>>;
  /** The server's CPU per command, by what they do to the order: a cycle's mean. */
  readonly reorderCpuPerCommand: Readonly<Partial<Record<DrillName, BySize<number>>>>;
  /** The largest size's cost over the smallest's, compared within a round. */
  readonly ratios: Readonly<Record<string, Spread | null>>;
}

/** CPU of one process per command, less what it uses at rest in the same time; microseconds. */
export function cpuPerCommand({ rest, drills }: SizeResult, drill: DrillName, process: string): number {
  const { cpu, window, all } = drills[drill];
  const atRest = ((rest.cpu[process] ?? 0) / rest.window) * window;
  return ((cpu[process] ?? Number.NaN) - atRest) / all.commands;
}

export function messagesPerCommand({ messages }: Outcome): number {
  return messages.patches + messages.told + messages.replies;
}

export function figuresOf(rounds: readonly Round[]): Figures {
  const sizes = sizesIn(rounds);
  const bySize = <T>(value: (results: readonly SizeResult[]) => T): BySize<T> =>
    Object.fromEntries(sizes.map((size) => [size, value(resultsOf(rounds, size))]));
  const middle = (value: (result: SizeResult) => number, digits: number) =>
    bySize((results) => median(results.map(value), digits));
  const times = (value: (result: SizeResult) => Times | undefined) =>
    bySize((results) => middleTimes(results.flatMap((result) => value(result) ?? [])));
  const [first] = rounds.flatMap((round) => round.sizes);
  const names = first ? reorderNames(first) : [];
  return {
    cpuPerCommand: middle((result) => cpuPerCommand(result, "status", "server"), 0),
    postgresCpuPerCommand: middle((result) => cpuPerCommand(result, "status", "postgres"), 0),
    messagesPerCommand: middle(({ drills }) => messagesPerCommand(drills.status.all), 2),
    staffPatchMs: times(({ drills }) => drills.status.all.staffPatchMs),
    toldMs: times(({ drills }) => drills.status.all.toldMs),
    patchBytes: middle(({ drills }) => drills.status.all.patchBytes, 0),
    reorders: Object.fromEntries(
      names.map((name) => {
        const outcome = (result: SizeResult) => reorderOf(result, name);
        const figures: ReorderFigures = {
          messagesPerCommand: bySize((results) =>
            median(results.flatMap((result) => outcome(result) ?? []).map(messagesPerCommand), 2),
          ),
          staffPatchMs: times((result) => outcome(result)?.staffPatchMs),
          toldMs: times((result) => outcome(result)?.toldMs),
        };
        return [name, figures];
      }),
    ),
    reorderCpuPerCommand: Object.fromEntries(
      reorderDrills.map((drill) => [drill, middle((result) => cpuPerCommand(result, drill, "server"), 0)]),
    ),
    ratios: ratiosOf(rounds, sizes),
  };
}

export function sizesIn(rounds: readonly Round[]): readonly number[] {
  const all = rounds.flatMap((round) => round.sizes.map(({ size }) => size));
  return [...new Set(all)].sort((a, b) => a - b);
}

export function resultsOf(rounds: readonly Round[], size: number): readonly SizeResult[] {
  return rounds.flatMap((round) => round.sizes.filter((result) => result.size === size));
}

const reorderDrills = ["move", "prioritise", "leave"] as const;

function reordersOf({ drills }: SizeResult): readonly DrillResult[] {
  return reorderDrills.map((drill) => drills[drill]);
}

function reorderNames(result: SizeResult): readonly string[] {
  return reordersOf(result).flatMap(({ byName }) => Object.keys(byName));
}

function reorderOf(result: SizeResult, name: string): Outcome | undefined {
  return reordersOf(result).find(({ byName }) => Object.hasOwn(byName, name))?.byName[name];
}

/** `statusCost5000vs50`: as the sizes are. */
function ratiosOf(rounds: readonly Round[], sizes: readonly number[]): Figures["ratios"] {
  const [least] = sizes;
  const most = sizes.at(-1);
  if (least === undefined || most === undefined || least === most) return {};
  const compare = (value: (result: SizeResult) => number) =>
    spread(
      rounds.map((round) => {
        const of = (size: number) => {
          const result = round.sizes.find((one) => one.size === size);
          return result ? value(result) : Number.NaN;
        };
        return of(most) / of(least);
      }),
    );
  const server = (result: SizeResult) => cpuPerCommand(result, "status", "server");
  return {
    [`statusCost${most}vs${least}`]: compare(server),
    [`statusCostWithPostgres${most}vs${least}`]: compare(
      (result) => server(result) + cpuPerCommand(result, "status", "postgres"),
    ),
  };
}

function middleTimes(times: readonly Times[]): Pick<Times, "p50" | "p99"> {
  return {
    p50: median(
      times.map(({ p50 }) => p50),
      2,
    ),
    p99: median(
      times.map(({ p99 }) => p99),
      2,
    ),
  };
}

function median(values: readonly number[], digits: number): number {
  const middle = spread(values)?.median ?? Number.NaN;
  return Math.round(middle * 10 ** digits) / 10 ** digits;
}
