import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, report, type Verdict, verdict } from "../checker/check.ts";
import type { Line } from "../checker/history.ts";
import type { Violation } from "../checker/violation.ts";
import { type People, startPeople } from "./people.ts";
import { between, randomFrom } from "./random.ts";
import { recordingTime } from "./recorder.ts";
import { accessToken, readBack } from "./store.ts";

export interface TrialOptions {
  /** Where people connect: the first person to the first server, and so on in turn. */
  readonly servers: readonly [string, ...string[]];
  readonly seed: number;
  /** Called when everyone is in their rooms and nobody has said anything. */
  readonly prepared?: () => Promise<unknown>;
  /** How many times something is broken, each time after some hundred acknowledgements. */
  readonly breaks: number;
  /** Acknowledgements after the last break. */
  readonly lastAcks?: number;
  /** Breaks something and mends it again; returns what it did. */
  readonly breakIt: (random: () => number) => Promise<string>;
  /** Called when everyone has gone, before the store is read. */
  readonly rested?: () => Promise<unknown>;
  /** The rows as the database has them; called last, and may stop the server for it. */
  readonly readRows: (chats: readonly string[]) => Promise<Line[]>;
  readonly rooms?: number;
  /** Requests a second. */
  readonly rate?: number;
  /** How long people may take to come to rest (ms). */
  readonly settleWithin?: number;
}

export interface TrialResult {
  readonly violations: readonly Violation[];
  readonly verdict: Verdict;
  /** The shortest stories, for people. */
  readonly report: string;
  /** Who had not come to rest in time. */
  readonly unsettled: readonly string[];
  /** Acknowledged messages a second, over all the time that people talked, breaks included. */
  readonly messagesPerSecond: number;
  /** How long people took to come to rest when the last break was over (seconds). */
  readonly settledIn: number;
}

/** Acknowledgements between two breaks. */
const leastAcks = 50;
const mostAcks = 400;

/** Lets people talk, breaks things at moments that follow from the seed, and has the outcome checked. */
export async function trial(options: TrialOptions): Promise<TrialResult> {
  const { servers, seed, rooms = 20, rate = 260 } = options;
  const people = await startPeople({ servers, seed, rooms, rate });
  try {
    await options.prepared?.();
    const begun = performance.now();
    people.start();
    const broken = await breakThings(people, options);
    const seconds = secondsSince(begun);
    const ended = performance.now();
    const { unsettled, lines } = await people.settle(options.settleWithin ?? 90_000);
    const settledIn = secondsSince(ended);
    await options.rested?.();
    const [url] = servers;
    const stored = await readBack(url, await accessToken(url, "clinician"), people.chats);
    const rows = await options.readRows(people.chats);
    const history = [...lines, ...broken, ...stored, ...rows];
    const violations = check(history);
    return {
      violations,
      verdict: verdict(history, violations),
      report:
        violations.length === 0 ? report([]) : `${report(violations)}\nall of it: ${keep(history, seed)}`,
      unsettled,
      messagesPerSecond: countMessages(lines) / seconds,
      settledIn,
    };
  } finally {
    people.dispose();
  }
}

/** Messages that were acknowledged; edits, reactions and the like are not counted. */
function countMessages(lines: readonly Line[]): number {
  const acked = new Set(lines.flatMap((line) => (line.op === "ack" ? line.id : [])));
  return lines.filter((line) => line.op === "send" && line.name === "chat.send" && acked.has(line.payload.id))
    .length;
}

/** Leaves a history that shows something wrong where it can be looked at. */
function keep(history: readonly Line[], seed: number): string {
  const file = join(tmpdir(), `hugmedo-history-${seed}.jsonl`);
  writeFileSync(file, history.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
}

async function breakThings(people: People, options: TrialOptions): Promise<Line[]> {
  const { seed, breaks, breakIt, lastAcks = mostAcks } = options;
  const random = randomFrom(seed);
  const broken: Line[] = [];
  for (let n = 0; n < breaks; n += 1) {
    await people.acks(between(random, leastAcks, mostAcks));
    const t = recordingTime();
    broken.push({ op: "fault", t, text: await breakIt(random) });
  }
  await people.acks(lastAcks);
  return broken;
}

function secondsSince(moment: number): number {
  return (performance.now() - moment) / 1000;
}

/** A seed for this run, printed, so that the run can be had again: `SEED=… npm test -- <file>`. */
export function seedOf(name: string): number {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
  console.info(`${name}: seed ${seed}`);
  return seed;
}
