import { setTimeout as delay } from "node:timers/promises";
import { type CpuReading, cpuBetween, readCpu } from "../cpu.ts";
import type { Cluster, Member } from "../handoff/cluster.ts";
import { rounded, sumOf, type Times, timesOf } from "../handoff/drain.ts";
import { type Losses, latenessOf, lossesOf } from "../handoff/gaps.ts";
import type { Crowds } from "../handoff/load/orders.ts";
import { type Counts, now, type Records } from "../handoff/load/records.ts";
import type { Options } from "./options.ts";

/** What became of the rooms of a process that was killed. Milliseconds since the kill. */
export interface Kill {
  /** By room: until one of its members had something acknowledged that they had sent since. */
  readonly answerMs: Times;
  /** By member: until they were seated again, with everything caught up. */
  readonly seatedMs: Times;
  readonly losses: Losses;
  /** Messages in the journal that nobody sent, or sent ones that are missing there. */
  readonly astray: number;
  readonly counts: Counts;
  readonly faults: Records["faults"];
  /** How many cores each process kept busy, from the kill until everyone was seated again. */
  readonly cores: CpuReading;
  /** How late the schedule of the clients itself was meanwhile: 99 of 100 messages were sooner. */
  readonly lateness: number;
}

const limit = 180;
const patience = 30;
/** Seconds of writing after everyone is back. */
const after = 2;
const lookMs = 50;

/** Kills one process while everyone writes, and says when its rooms answered again. */
export async function kill(
  cluster: Cluster,
  crowds: Crowds,
  { victim, survivor }: { readonly victim: Member; readonly survivor: Member },
  options: Options,
): Promise<Kill> {
  const messages = await cluster.messages();
  await crowds.elsewhere(`http://127.0.0.1:${survivor.server.port}`);
  await crowds.start(options.rate, limit);
  await delay(options.steady * 1_000);
  const watched = cluster.watched([survivor], crowds.pids);
  const before = readCpu(watched);
  const at = now();
  await victim.server.kill();
  // After the kill: what the process acknowledged in its last moments was sent before.
  await crowds.mark();
  await untilBack(crowds, options);
  const back = { at: now(), cpu: readCpu(watched) };
  await delay(after * 1_000);
  const records = await crowds.finish(patience);
  const losses = lossesOf(records);
  const counts = sumOf(records.map((one) => one.counts));
  const since = (times: (one: Records) => Float64Array) =>
    Float64Array.from(records.flatMap((one) => [...times(one)]).map((time) => time - at)).sort();
  const cpu = cpuBetween(before, back.cpu);
  const sent = (await cluster.messages()) - messages;
  return {
    answerMs: timesOf(since(({ answeredAt }) => answeredAt)),
    seatedMs: timesOf(since(({ seatedAt }) => seatedAt)),
    losses,
    astray: Math.abs(sent - losses.sent - records.reduce((sum, { probes }) => sum + probes, 0)),
    counts,
    faults: {
      count: records.reduce((sum, { faults }) => sum + faults.count, 0),
      examples: records.flatMap(({ faults }) => faults.examples),
    },
    cores: Object.fromEntries(
      Object.entries(cpu).map(([name, used]) => [name, rounded(used / ((back.at - at) * 1_000))]),
    ),
    lateness: rounded(latenessOf(records, { from: at, to: back.at })),
  };
}

/** Every room has answered and everyone is seated; throws when that takes too long. */
async function untilBack(crowds: Crowds, { rooms, membersPerRoom }: Options): Promise<void> {
  for (const until = now() + limit * 1_000; now() < until; await delay(lookMs)) {
    const { answered, seated } = await crowds.progress();
    if (answered >= rooms && seated >= rooms * membersPerRoom) return;
  }
  const { answered, seated } = await crowds.progress();
  throw new Error(`${answered} of ${rooms} rooms answered again, and ${seated} members were seated.`);
}
