/** How long things take, in milliseconds. */
export interface KeyPolicy {
  /** A key signs for this long. */
  readonly periodMs: number;
  /** A key is published this long before it signs, so that every verifier has it by then. */
  readonly leadMs: number;
  /** A key stays published this long after it last signed: until its last token has expired. */
  readonly drainMs: number;
}

export const defaultKeyPolicy: KeyPolicy = {
  periodMs: 30 * 24 * 3_600_000,
  leadMs: 24 * 3_600_000,
  drainMs: 20 * 60_000,
};

export interface ScheduledKey {
  readonly kid: string;
  readonly signsFrom: number;
}

export interface KeyPlan {
  /** The key to sign with; null when there is none yet. */
  readonly signing: string | null;
  /** When the key that must be made now is to sign from; null when none must. */
  readonly next: number | null;
  /** Keys that no valid token can need any more. */
  readonly retired: readonly string[];
}

/** What is to be done about the keys at `now`. Every process comes to the same answer. */
export function planKeys(
  keys: readonly ScheduledKey[],
  now: number,
  { periodMs, leadMs, drainMs }: KeyPolicy,
): KeyPlan {
  const inOrder = keys.toSorted((a, b) => a.signsFrom - b.signsFrom || (a.kid < b.kid ? -1 : 1));
  const newest = inOrder.at(-1);
  if (!newest) return { signing: null, next: now, retired: [] };
  const signing = inOrder.findLast((key) => key.signsFrom <= now) ?? inOrder[0];
  const overAt = newest.signsFrom + periodMs;
  return {
    signing: signing?.kid ?? null,
    next: overAt - leadMs <= now ? Math.max(overAt, now + leadMs) : null,
    retired: inOrder
      .filter((_, place) => {
        const successor = inOrder[place + 1];
        return successor !== undefined && successor.signsFrom + drainMs <= now;
      })
      .map((key) => key.kid),
  };
}
