/** A clinician on duty. */
export interface PoolMember {
  /** Since when they are in a visit, in ms since 1970; null: they are available. */
  readonly busySince: number | null;
}

/** What an estimate is made from. */
export interface Pool {
  /** Ms since 1970. */
  readonly now: number;
  /** How long this queue's latest visits took, in ms, oldest first; the last `recentVisits` count. */
  readonly recentServiceMs: readonly number[];
  /** How long the clinic expects a visit to take, in ms. */
  readonly expectedServiceMs: number;
  readonly onDuty: readonly PoolMember[];
}

/** How many of the latest visits count: more would err less on an even day, fewer follow a change of pace sooner. */
export const recentVisits = 20;
/** The clinic's own expectation weighs as much as this many visits. */
const expectationVisits = 3;
/** One visit counts at most as this many middling ones. */
const longestVisit = 3;
/** However long a visit has taken, this part of a usual one is still expected to come. */
const restOfVisit = 1 / 4;

/**
 * Estimates how long patients will wait, as an experienced receptionist would:
 *
 * 1. **How long does a visit take today?** The average of this queue's last 20 visits, together with three imagined visits of
 *    the length the clinic expects. So the first estimate of a queue is the clinic's own, and after a few visits it is the
 *    day's. A visit that was left open over lunch does not spoil it: none counts for more than three middling ones.
 * 2. **When will each clinician be free?** At once, or after the rest of the visit they are in: a usual visit less the time
 *    it has taken already, but never less than a quarter of a usual one.
 * 3. **Who sees whom?** The patients ahead go to the clinicians in the order these become free, each for a usual visit,
 *    and then it is this patient's turn.
 *
 * It does not foresee who will go off duty or come on, nor which visit will be a long one: show it rounded, as "about".
 *
 * Returns a function from the number of patients ahead (0, 1, 2 …) to the wait in ms, or to null when nobody is on
 * duty. It takes constant time, so one preparation serves all who wait.
 */
export function estimateWaits(pool: Pool): (ahead: number) => number | null {
  const visit = usualVisit(pool);
  const free = pool.onDuty.map(({ busySince }) =>
    busySince === null ? 0 : restOf(visit, Math.max(0, pool.now - busySince)),
  );
  free.sort((a, b) => a - b);
  return (ahead) => {
    const first = free[ahead % free.length];
    return first === undefined ? null : first + Math.floor(ahead / free.length) * visit;
  };
}

/** A mean that starts at the clinic's expectation and that no single visit can pull far, in whole ms. */
function usualVisit({ recentServiceMs, expectedServiceMs }: Pool): number {
  const visits = recentServiceMs.slice(-recentVisits);
  for (let i = 0; i < expectationVisits; i += 1) visits.push(expectedServiceMs);
  visits.sort((a, b) => a - b);
  const longest = longestVisit * (visits[visits.length >> 1] ?? 0);
  const total = visits.reduce((sum, ms) => sum + Math.min(ms, longest), 0);
  return Math.round(total / visits.length);
}

function restOf(visit: number, taken: number): number {
  return Math.max(visit - taken, visit * restOfVisit);
}
