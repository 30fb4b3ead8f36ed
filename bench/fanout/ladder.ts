export interface LadderOptions {
  /** The rate of the first step, messages a second. */
  readonly start: number;
  /** Rates beyond these are not tried. */
  readonly lowest: number;
  readonly highest: number;
  /** How many steps at most. */
  readonly steps: number;
}

export const ladderFactor = 1.25;

export interface Climb {
  /** The highest rate that was sustained; null when none was. */
  readonly sustained: number | null;
  /** The lowest one that was not; null when the climb ended for another reason. */
  readonly failed: number | null;
}

/**
 * Looks for the highest sustained rate: up from the start while steps succeed, or down from it until one
 * does.
 */
export async function climb(
  options: LadderOptions,
  step: (rate: number) => Promise<boolean>,
): Promise<Climb> {
  let sustained: number | null = null;
  let failed: number | null = null;
  let rate = options.start;
  for (let taken = 0; taken < options.steps && rate >= options.lowest && rate <= options.highest; taken++) {
    if (await step(rate)) {
      sustained = rate;
      if (failed !== null) break;
      rate = Math.round(rate * ladderFactor);
    } else {
      failed = rate;
      if (sustained !== null) break;
      rate = Math.round(rate / ladderFactor);
    }
  }
  return { sustained, failed };
}
