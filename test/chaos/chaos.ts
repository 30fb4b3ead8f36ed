import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, report } from "../checker/check.ts";
import { type Line, parseHistory } from "../checker/history.ts";
import { randomFrom } from "../durability/random.ts";
import { toText } from "../durability/recorder.ts";
import { castOf, makeRooms, type Rooms, type Shape } from "./cast.ts";
import { type Crowd, gatherCrowd } from "./clients/crowd.ts";
import type { FaultName } from "./faults/index.ts";
import { planFaults } from "./faults/plan.ts";
import { type Struck, strikeAll } from "./faults/strike.ts";
import { journalQuiet, readStore } from "./read-back.ts";
import { createOperator } from "./stage/operator.ts";
import { openStage, type Stage } from "./stage/stage.ts";
import { type ChaosVerdict, type Floor, judge } from "./verdict.ts";

export interface ChaosOptions {
  readonly seed: number;
  /** How long people are at work, at least. */
  readonly seconds: number;
  /** Each of them is to happen. */
  readonly faults: readonly FaultName[];
  readonly shape: Shape;
  /** What counts as a real load; null: any. */
  readonly floor: Floor | null;
  /** What a process is started from; the product by default. */
  readonly entry?: readonly string[];
  /** Called when everyone is in their rooms and nobody has said anything. */
  readonly prepared?: (stage: Stage) => Promise<unknown>;
  /** How long people may take to come to rest (ms). */
  readonly restWithin?: number;
  readonly say?: (text: string) => void;
}

export interface ChaosResult {
  readonly verdict: ChaosVerdict;
  /** What went wrong, by the shortest stories. */
  readonly report: string;
  /** Where the history is kept; null: nothing went wrong, and it is gone. */
  readonly history: string | null;
}

const restWithinMs = 90_000;
const quietWithinMs = 30_000;

/**
 * Real processes, a real Redis and a real PostgreSQL, people at work in their rooms, and things that break. What
 * people saw is compared with what is stored in the end.
 */
export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { shape, entry, faults, say = () => undefined } = options;
  const folder = mkdtempSync(join(tmpdir(), `hugmedo-chaos-${options.seed}-`));
  const smallDisk = faults.includes("disk-full");
  const { processes } = shape;
  const { stage, people } = await openStage({ processes, smallDisk, ...(entry && { entry }) }, castOf(shape));
  try {
    say(`${processes} processes are up; everyone comes …`);
    const rooms = await makeRooms(stage.url, shape, people);
    const { talks, clinics } = rooms;
    const { seed } = options;
    const crowd = await gatherCrowd({ url: stage.url, folder, seed, talks, clinics, rate: shape.rate });
    const ran = await runLoad(options, { stage, crowd, rooms }).finally(() => crowd.dispose());
    say("reading everything back …");
    write(join(folder, "faults.jsonl"), ran.struck.lines);
    write(join(folder, "store.jsonl"), await readStore(stage, rooms.admin, people));
    return conclude(options, folder, { ...ran, clients: crowd.clients }, stage);
  } catch (error) {
    keepLogs(folder, stage);
    throw new Error(`the run did not come to its end; what was recorded, and the logs: ${folder}`, {
      cause: error,
    });
  } finally {
    await stage.dispose();
  }
}

interface Ran {
  readonly struck: Struck;
  readonly seconds: number;
  readonly unsettled: readonly string[];
}

interface Staged {
  readonly stage: Stage;
  readonly crowd: Crowd;
  readonly rooms: Rooms;
}

async function runLoad(options: ChaosOptions, { stage, crowd, rooms }: Staged): Promise<Ran> {
  const { seed, seconds, say = () => undefined, restWithin = restWithinMs } = options;
  await options.prepared?.(stage);
  const plan = planFaults(options.faults, seconds, randomFrom(seed));
  say(
    `${crowd.clients} clients in ${rooms.talks.length + 2 * rooms.clinics.length} rooms; ${plan.length} faults are planned`,
  );
  const operator = createOperator(stage.url, rooms.operator.token);
  await crowd.start();
  const begun = performance.now();
  const [struck] = await Promise.all([
    strikeAll(plan, { stage, crowd, operator }, { seed, say }),
    new Promise((resolve) => setTimeout(resolve, seconds * 1_000)),
  ]);
  const lasted = (performance.now() - begun) / 1_000;
  say(`${lasted.toFixed(1)} s are over; everyone comes to rest …`);
  const restless = await crowd.rest(restWithin);
  await journalQuiet(stage, quietWithinMs);
  const unsettled = [...new Set([...restless, ...(await crowd.end(restWithin))])];
  return { struck, seconds: lasted, unsettled };
}

function conclude(
  { seed, faults, shape, floor }: ChaosOptions,
  folder: string,
  { struck, seconds, unsettled, clients }: Ran & { readonly clients: number },
  stage: Stage,
): ChaosResult {
  const lines = readHistory(folder);
  const violations = check(lines);
  const { processes } = shape;
  const run = { seed, asked: faults, missed: struck.missed, unsettled, processes, clients, seconds };
  const verdict = judge(lines, violations, run, floor);
  if (verdict.ok) {
    rmSync(folder, { recursive: true, force: true });
    return { verdict, report: report([]), history: null };
  }
  keepLogs(folder, stage);
  return { verdict, report: report(violations), history: folder };
}

function keepLogs(folder: string, stage: Stage): void {
  for (const { address, server } of stage.processes)
    writeFileSync(join(folder, `process-${address.replace(":", "-")}.log`), server.output());
  writeFileSync(join(folder, "postgres.log"), stage.postgres.output());
}

function readHistory(folder: string): Line[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".jsonl"))
    .flatMap((file) => parseHistory(readFileSync(join(folder, file), "utf8")));
}

function write(file: string, lines: readonly Line[]): void {
  writeFileSync(file, lines.map(toText).join(""));
}
