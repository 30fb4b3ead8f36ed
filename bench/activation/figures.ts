import { percentile, type Spread, spread } from "../statistics.ts";
import type { Woken } from "./wake.ts";
import type { Ending } from "./world.ts";

/** What every group had as results after one start. */
export interface Wakes {
  readonly ending: Ending;
  readonly groups: readonly Woken[];
}

export interface Times {
  /** Of each start's medians the median. */
  readonly p50: number;
  /** Of all wakes. */
  readonly p99: number;
}

export type ByHistory = Readonly<Record<string, Times>>;

/** Times in milliseconds, CPU in microseconds. */
export interface Figures {
  /** Of a chat of 10,000 events that slept, or of the size nearest to that. */
  readonly wakeMs: Times;
  /** By events in the journal: chats that slept. */
  readonly byHistory: ByHistory;
  /** Chats whose process died just before it would have kept a snapshot. */
  readonly afterCrash: ByHistory;
  readonly otherKinds: ByHistory;
  /** The same request of a room that is awake. */
  readonly awakeMs: ByHistory;
  /** Of one wake with its request, by process. */
  readonly cpuPerWake: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** The longest history's median over the shortest's, compared after the same start. */
  readonly ratios: Readonly<Record<string, Spread | null>>;
}

const barHistory = 10_000;

export function figuresOf(wakes: readonly Wakes[], histories: readonly number[]): Figures {
  const chats = histories.map(chatName);
  const names = [...new Set(wakes.flatMap(({ groups }) => groups.map(({ group }) => group)))];
  const others = names.filter((name) => !chats.includes(name));
  const byHistory = (ending: Ending): ByHistory =>
    Object.fromEntries(
      histories.map((history) => [history, timesOf(resultsOf(wakes, ending, chatName(history)))]),
    );
  const slept = byHistory("slept");
  const nearest = histories.toSorted((a, b) => distance(a) - distance(b))[0] ?? 0;
  return {
    wakeMs: slept[nearest] ?? { p50: Number.NaN, p99: Number.NaN },
    byHistory: slept,
    afterCrash: byHistory("crashed"),
    otherKinds: Object.fromEntries(others.map((name) => [name, timesOf(resultsOf(wakes, "slept", name))])),
    awakeMs: Object.fromEntries(
      names.map((name) => [name, timesOf(resultsOf(wakes, "slept", name), ({ awakeMs }) => awakeMs)]),
    ),
    cpuPerWake: Object.fromEntries(names.map((name) => [name, cpuOf(resultsOf(wakes, "slept", name))])),
    ratios: ratiosOf(wakes, histories),
  };
}

export function chatName(history: number): string {
  return `chat ${history}`;
}

export function resultsOf(wakes: readonly Wakes[], ending: Ending, name: string): readonly Woken[] {
  return wakes
    .filter((one) => one.ending === ending)
    .flatMap(({ groups }) => groups.filter(({ group }) => group === name));
}

function distance(history: number): number {
  return Math.abs(Math.log(history / barHistory));
}

function timesOf(
  results: readonly Woken[],
  times: (result: Woken) => readonly number[] = ({ wakeMs }) => wakeMs,
): Times {
  const all = results.flatMap(times).sort((a, b) => a - b);
  const medians = results.map((result) => percentile(times(result), 0.5));
  return { p50: rounded(spread(medians)?.median), p99: rounded(percentile(all, 0.99)) };
}

function cpuOf(results: readonly Woken[]): Readonly<Record<string, number>> {
  const processes = [...new Set(results.flatMap(({ cpu }) => Object.keys(cpu)))];
  return Object.fromEntries(
    processes.map((name) => [
      name,
      Math.round(spread(results.map(({ cpu }) => cpu[name] ?? Number.NaN))?.median ?? Number.NaN),
    ]),
  );
}

/** `growth100000vs100`: as the sizes are. */
function ratiosOf(wakes: readonly Wakes[], histories: readonly number[]): Figures["ratios"] {
  const least = Math.min(...histories);
  const most = Math.max(...histories);
  if (least === most) return {};
  const growth = (ending: Ending) =>
    spread(
      wakes
        .filter((one) => one.ending === ending)
        .map(({ groups }) => medianIn(groups, most) / medianIn(groups, least)),
    );
  return {
    [`growth${most}vs${least}`]: growth("slept"),
    [`growthAfterCrash${most}vs${least}`]: growth("crashed"),
  };
}

function medianIn(groups: readonly Woken[], history: number): number {
  const found = groups.find(({ group }) => group === chatName(history));
  return found ? percentile(found.wakeMs, 0.5) : Number.NaN;
}

function rounded(milliseconds: number = Number.NaN): number {
  return Math.round(milliseconds * 100) / 100;
}
