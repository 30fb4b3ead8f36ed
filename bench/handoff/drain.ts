import { setTimeout as delay } from "node:timers/promises";
import { type CpuReading, cpuBetween, readCpu } from "../cpu.ts";
import { post } from "../product.ts";
import { percentile } from "../statistics.ts";
import type { Cluster, Member } from "./cluster.ts";
import {
  delaysOf,
  followingOf,
  gapsOf,
  gapsWithin,
  type Losses,
  latenciesOf,
  latenessOf,
  lossesOf,
} from "./gaps.ts";
import type { Crowds } from "./load/orders.ts";
import { type Counts, now, type Records } from "./load/records.ts";
import type { Options } from "./options.ts";

export interface Times {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** What one drain came to. Milliseconds. */
export interface Drain {
  /** From the word to drain until the last member was seated again, and the process has no room left. */
  readonly totalMs: number;
  readonly gapMs: Times;
  /** The worst message of the whole drain, instead of that of the own room's move. */
  readonly drainGapMs: Times;
  /** From being told to being seated with everything caught up. */
  readonly followMs: Times;
  /** Until a message's last member has it. */
  readonly before: Times;
  readonly during: Times;
  readonly latencyRatio: number;
  readonly losses: Losses;
  /** Messages in the journal that nobody sent, or sent ones that are missing there. */
  readonly astray: number;
  readonly counts: Counts;
  /** Connections that were lost. */
  readonly lost: number;
  readonly codes: readonly number[];
  readonly faults: Records["faults"];
  /** How many cores each process kept busy. */
  readonly cores: { readonly before: CpuReading; readonly during: CpuReading };
  /** How late the schedule of the clients itself was: 99 of 100 messages were sooner. */
  readonly lateness: { readonly before: number; readonly during: number };
}

const limit = 180;
const patience = 30;
/** Seconds of writing after the drain. */
const after = 3;
const lookMs = 100;

/** Drains one process into the other while everyone writes, and says what became of it. */
export async function drain(
  cluster: Cluster,
  crowds: Crowds,
  { from, to }: { readonly from: Member; readonly to: Member },
  options: Options,
): Promise<Drain> {
  const watched = cluster.watched([from, to], crowds.pids);
  const messages = await cluster.messages();
  await crowds.start(options.rate, limit);
  await delay(options.warmUp * 1_000);
  const begun = { at: now(), cpu: readCpu(watched) };
  await delay(options.steady * 1_000);
  await crowds.mark();
  const told = { at: now(), cpu: readCpu(watched) };
  const ended = options.by === "sigterm" ? from.server.stop() : await tellToDrain(cluster, from);
  await untilMoved(cluster, crowds, from, options);
  const moved = { at: now(), cpu: options.by === "sigterm" ? told.cpu : readCpu(watched) };
  await ended;
  await delay(after * 1_000);
  const records = await crowds.finish(patience);
  const sent = (await cluster.messages()) - messages;

  const steady = { from: begun.at, to: told.at };
  const draining = { from: told.at, to: moved.at };
  const usual = percentile(delaysOf(records, steady), 0.5);
  const before = timesOf(latenciesOf(records, steady));
  const during = timesOf(latenciesOf(records, draining));
  const losses = lossesOf(records);
  return {
    totalMs: Math.round(lastSeated(records, moved.at) - told.at),
    gapMs: timesOf(gapsOf(records, usual)),
    drainGapMs: timesOf(gapsWithin(records, usual, draining)),
    followMs: timesOf(followingOf(records)),
    before,
    during,
    latencyRatio: rounded(during.p99 / before.p99),
    losses,
    astray: Math.abs(sent - losses.sent - records.reduce((sum, { probes }) => sum + probes, 0)),
    counts: sumOf(records.map(({ counts }) => counts)),
    lost: records.reduce((sum, { losses }) => sum + losses.length, 0),
    codes: [...new Set(records.flatMap(({ losses }) => losses.map(({ code }) => code)))],
    faults: {
      count: records.reduce((sum, { faults }) => sum + faults.count, 0),
      examples: records.flatMap(({ faults }) => faults.examples),
    },
    cores: { before: coresOf(begun, told), during: coresOf(told, moved) },
    lateness: {
      before: rounded(latenessOf(records, steady)),
      during: rounded(latenessOf(records, draining)),
    },
  };
}

async function tellToDrain({ operator }: Cluster, { server, id }: Member): Promise<null> {
  await post(`http://127.0.0.1:${server.port}/v1/cluster/processes/${id}/drain`, operator.token, {});
  return null;
}

/** The process has no room any more, and everyone is seated elsewhere; throws when that takes too long. */
async function untilMoved(cluster: Cluster, crowds: Crowds, from: Member, options: Options): Promise<void> {
  const everyone = options.rooms * options.membersPerRoom;
  for (const until = now() + limit * 1_000; now() < until; await delay(lookMs)) {
    const { seated } = await crowds.progress();
    if (seated >= everyone && (await cluster.roomsOf(from.id)) === 0) return;
  }
  const { seated } = await crowds.progress();
  throw new Error(
    `The drain did not end: ${seated} of ${everyone} members were seated again, and ${await cluster.roomsOf(from.id)} rooms are left.`,
  );
}

/** The look at whether it is over comes later than its end. */
function lastSeated(records: readonly Records[], otherwise: number): number {
  const latest = records
    .flatMap(({ seatedAt }) => [...seatedAt])
    .reduce((last, at) => (Number.isNaN(at) ? last : Math.max(last, at)), 0);
  return latest === 0 ? otherwise : latest;
}

function coresOf(
  before: { readonly at: number; readonly cpu: CpuReading },
  after: { readonly at: number; readonly cpu: CpuReading },
): CpuReading {
  const window = (after.at - before.at) * 1_000;
  return Object.fromEntries(
    Object.entries(cpuBetween(before.cpu, after.cpu)).map(([name, used]) => [name, rounded(used / window)]),
  );
}

export function sumOf(all: readonly Counts[]): Counts {
  const sum = (name: keyof Counts) => all.reduce((total, counts) => total + counts[name], 0);
  return {
    repeats: sum("repeats"),
    resumes: sum("resumes"),
    retries: sum("retries"),
    moved: sum("moved"),
    rejoined: sum("rejoined"),
  };
}

export function timesOf(sorted: Float64Array): Times {
  const at = (share: number) => rounded(percentile(sorted, share));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
