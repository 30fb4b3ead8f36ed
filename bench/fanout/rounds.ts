import { climb } from "./ladder.ts";
import type { RunResult } from "./load/run.ts";
import type { LadderPlan, Options } from "./options.ts";
import type { Contestant, ContestantName } from "./shape.ts";
import { isClientLimited, isSustained, Stand } from "./stand.ts";

export interface LadderOutcome {
  /** Messages a second; 0 when none was sustained. */
  readonly sustained: number;
  /** The load generator, or the ladder's own end, may be what stopped the climb. */
  readonly atLeast: boolean;
  readonly steps: readonly RunResult[];
}

/** What a contestant did in one round. */
export interface Outcome {
  readonly rates: readonly RunResult[];
  readonly ladder: LadderOutcome | null;
}

export interface Round {
  /** In the order in which they were measured. */
  readonly outcomes: Readonly<Partial<Record<ContestantName, Outcome>>>;
}

export type Progress = (name: ContestantName, result: RunResult) => void;

const ladderLimits = { lowest: 200, highest: 40_000 };

/**
 * Everyone in turn, round after round; each round begins with another. After the first round a ladder
 * starts where it ended in the round before.
 */
export async function* measureRounds(
  contestants: readonly Contestant[],
  options: Options,
  progress: Progress,
): AsyncGenerator<Round> {
  const ladderStarts = new Map<ContestantName, number>();
  const begun = performance.now();
  let longest = 0;
  for (let round = 0; round < options.rounds; round++) {
    const roundBegun = performance.now();
    if (options.budget !== null && round > 0 && roundBegun + longest > begun + options.budget) return;
    const outcomes: Partial<Record<ContestantName, Outcome>> = {};
    for (const contestant of rotate(contestants, round)) {
      const { name } = contestant;
      const outcome = await measure(contestant, options, ladderStarts.get(name), progress);
      if (outcome.ladder?.sustained) ladderStarts.set(name, outcome.ladder.sustained);
      outcomes[name] = outcome;
    }
    longest = Math.max(longest, performance.now() - roundBegun);
    yield { outcomes };
  }
}

export function rotate<T>(items: readonly T[], by: number): readonly T[] {
  const at = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

async function measure(
  contestant: Contestant,
  { rates, timing, ladder }: Options,
  ladderStart: number | undefined,
  progress: Progress,
): Promise<Outcome> {
  const stand = new Stand(contestant);
  const { name } = contestant;
  try {
    const results: RunResult[] = [];
    for (const rate of rates) {
      const result = await stand.run(rate, timing);
      results.push(result);
      progress(name, result);
    }
    if (!ladder?.contestants.includes(name)) return { rates: results, ladder: null };
    const plan = { ...ladder, start: ladderStart ?? ladder.start };
    return { rates: results, ladder: await climbWith(stand, plan, (step) => progress(name, step)) };
  } finally {
    await stand.close();
  }
}

/** The highest rate that a contestant sustains, by the ladder. */
export async function climbWith(
  stand: Stand,
  plan: LadderPlan,
  progress: (step: RunResult) => void,
): Promise<LadderOutcome> {
  const steps: RunResult[] = [];
  const { sustained, failed } = await climb({ ...plan, ...ladderLimits }, async (rate) => {
    const step = await stand.run(rate, plan.timing);
    steps.push(step);
    progress(step);
    return isSustained(step);
  });
  const last = steps.find((step) => step.rate === failed);
  return { sustained: sustained ?? 0, atLeast: last === undefined || isClientLimited(last), steps };
}
