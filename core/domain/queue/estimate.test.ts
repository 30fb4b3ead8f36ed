import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { estimateWaits, type Pool, type PoolMember } from "./estimate.ts";

const minute = 60_000;
const now = 1_000 * minute;

function pool(over: Partial<Pool> = {}): Pool {
  return { now, recentServiceMs: [], expectedServiceMs: 12 * minute, onDuty: [available], ...over };
}

const available: PoolMember = { busySince: null };

function busyFor(minutes: number): PoolMember {
  return { busySince: now - minutes * minute };
}

/** Waits in minutes for 0, 1, 2 … patients ahead. */
function waits(over: Partial<Pool>, count: number): (number | null)[] {
  const estimate = estimateWaits(pool(over));
  return Array.from({ length: count }, (_, ahead) => inMinutes(estimate(ahead)));
}

function inMinutes(ms: number | null): number | null {
  return ms === null ? null : ms / minute;
}

const member: fc.Arbitrary<PoolMember> = fc.record({
  busySince: fc.option(fc.integer({ min: now - 300 * minute, max: now + minute })),
});
const anyPool: fc.Arbitrary<Pool> = fc.record({
  now: fc.constant(now),
  recentServiceMs: fc.array(fc.nat({ max: 600 * minute }), { maxLength: 30 }),
  expectedServiceMs: fc.integer({ min: minute, max: 90 * minute }),
  onDuty: fc.array(member, { maxLength: 8 }),
});
const anyAhead = fc.nat({ max: 60 });

describe("the estimated wait", () => {
  it("is shared out among the clinicians as they become free", () => {
    expect(waits({}, 3)).toEqual([0, 12, 24]);
    expect(waits({ onDuty: [available, busyFor(2)] }, 4)).toEqual([0, 10, 12, 22]);
    expect(waits({ onDuty: [busyFor(0), busyFor(8), busyFor(4)] }, 4)).toEqual([4, 8, 12, 16]);
    expect(waits({ onDuty: [] }, 2)).toEqual([null, null]);
  });

  it("expects a visit that overruns to take a quarter of a usual one yet", () => {
    expect(waits({ onDuty: [busyFor(12)] }, 2)).toEqual([3, 15]);
    expect(waits({ onDuty: [busyFor(90)] }, 1)).toEqual([3]);
    // A clock that was set back makes no wait longer than a visit.
    expect(waits({ onDuty: [busyFor(-5)] }, 1)).toEqual([12]);
  });

  it("goes from the clinic's expectation to what visits take", () => {
    const learnt = (...minutes: number[]) =>
      waits({ recentServiceMs: minutes.map((one) => one * minute) }, 2)[1];
    expect(learnt()).toBe(12);
    expect(learnt(8)).toBe(11);
    expect(learnt(8, 8, 8)).toBe(10);
    expect(learnt(...Array(20).fill(8))).toBeCloseTo((20 * 8 + 3 * 12) / 23, 3);
    expect(learnt(...Array(100).fill(60), ...Array(20).fill(8))).toBe(learnt(...Array(20).fill(8)));
  });

  it("is not spoilt by one visit that was left open", () => {
    const usual = Array(19).fill(12 * minute);
    expect(waits({ recentServiceMs: [...usual, 600 * minute] }, 2)[1]).toBeCloseTo((22 * 12 + 36) / 23, 3);
    expect(waits({ recentServiceMs: [600 * minute] }, 2)[1]).toBe(18);
  });

  it("is never negative, and null exactly when nobody is on duty", () => {
    fc.assert(
      fc.property(anyPool, anyAhead, (any, ahead) => {
        const wait = estimateWaits(any)(ahead);
        expect(wait === null).toBe(any.onDuty.length === 0);
        if (wait !== null) expect(wait).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is what comes out when every patient ahead takes the first free clinician", () => {
    fc.assert(
      fc.property(anyPool, member, anyAhead, (any, one, ahead) => {
        const onDuty = [...any.onDuty, one];
        const estimate = estimateWaits({ ...any, onDuty });
        const alone = estimateWaits({ ...any, onDuty: [available] })(1) ?? 0;
        const free = onDuty.map((each) => estimateWaits({ ...any, onDuty: [each] })(0) ?? 0);
        for (let i = 0; i < ahead; i += 1) {
          const first = free.indexOf(Math.min(...free));
          free[first] = Math.min(...free) + alone;
        }
        expect(estimate(ahead)).toBe(Math.min(...free));
      }),
    );
  });

  it("grows with the patients ahead, never with a clinician more, nor as time goes by", () => {
    fc.assert(
      fc.property(anyPool, member, anyAhead, fc.nat({ max: 60 * minute }), (any, one, ahead, later) => {
        const staffed = { ...any, onDuty: [...any.onDuty, one] };
        const wait = estimateWaits(staffed)(ahead) ?? Number.NaN;
        expect(estimateWaits(staffed)(ahead + 1)).toBeGreaterThanOrEqual(wait);
        expect(estimateWaits({ ...staffed, now: now + later })(ahead)).toBeLessThanOrEqual(wait);
        expect(wait).toBeLessThanOrEqual(estimateWaits(any)(ahead) ?? Number.POSITIVE_INFINITY);
      }),
    );
  });
});

/** One patient of a simulated day: what was said on arrival and what became true, in minutes. */
interface Told {
  readonly estimate: number;
  readonly naive: number;
  readonly wait: number;
}

interface Visit {
  readonly clinician: number;
  readonly start: number;
  readonly end: number;
}

const arrivalsAnHour = 15;
const clinicians = [
  { mean: 9, lunch: 180 },
  { mean: 10.5, lunch: 225 },
  { mean: 12, lunch: 270 },
];
const lunchMinutes = 45;

/** Numbers in [0, 1) that are the same for the same seed (a counter, mixed). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

/**
 * A clinic's day: patients arrive by chance (Poisson) for seven and a half hours and are seen in order by three clinicians,
 * whose visits vary by half (log-normal) around 9, 10.5 and 12 minutes, and who go to lunch one after another.
 * The clinic has configured this many minutes.
 */
function simulatedDay(seed: number, expectedMinutes: number): Told[] {
  const next = random(seed);
  const visits: Visit[] = [];
  const told: Told[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - next()) * 60) / arrivalsAnHour;
    if (at > 450) return told;
    const said = saidOnArrival(visits, at, expectedMinutes);
    const visit = nextVisit(visits, at, next);
    visits.push(visit);
    if (said !== null) told.push({ ...said, wait: visit.start - at });
  }
}

/** What a patient is told; null when a clinician is there for them at once, or none is on duty. */
function saidOnArrival(
  visits: readonly Visit[],
  at: number,
  expectedMinutes: number,
): Omit<Told, "wait"> | null {
  const onDuty: PoolMember[] = [];
  for (const [clinician, { lunch }] of clinicians.entries()) {
    const current = visits.find((one) => one.clinician === clinician && one.start <= at && at < one.end);
    if (current) onDuty.push({ busySince: current.start * minute });
    else if (at < lunch || at >= lunch + lunchMinutes) return null;
  }
  const ahead = visits.filter(({ start }) => start > at).length;
  const ended = visits.filter(({ end }) => end <= at).sort((a, b) => a.end - b.end);
  const recentServiceMs = ended.map(({ start, end }) => (end - start) * minute);
  const expectedServiceMs = expectedMinutes * minute;
  const wait = estimateWaits({ now: at * minute, recentServiceMs, expectedServiceMs, onDuty })(ahead);
  if (wait === null) return null;
  return { estimate: wait / minute, naive: (ahead * expectedMinutes) / onDuty.length };
}

/** The visit of a patient who arrives at this time, behind all who came before. */
function nextVisit(visits: readonly Visit[], at: number, next: () => number): Visit {
  const starts = clinicians.map(({ lunch }, clinician) => {
    const free = Math.max(at, visits.findLast((one) => one.clinician === clinician)?.end ?? 0);
    return free >= lunch && free < lunch + lunchMinutes ? lunch + lunchMinutes : free;
  });
  const start = Math.min(...starts);
  const clinician = starts.indexOf(start);
  const variance = Math.log(1 + 0.5 ** 2);
  const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const length = (clinicians[clinician]?.mean ?? 0) * Math.exp(Math.sqrt(variance) * normal - variance / 2);
  return { clinician, start, end: start + length };
}

interface Errors {
  readonly mean: number;
  readonly median: number;
  readonly p90: number;
}

function errors(told: readonly Told[], of: "estimate" | "naive"): Errors {
  const sorted = told.map((one) => Math.abs(one[of] - one.wait)).sort((a, b) => a - b);
  const rank = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  const mean = sorted.reduce((sum, error) => sum + error, 0) / sorted.length;
  return { mean, median: rank(0.5), p90: rank(0.9) };
}

interface Measured {
  readonly ours: Errors;
  readonly naive: Errors;
  /** Days on which ours was the smaller. */
  readonly better: number;
  readonly figures: string;
}

/** A hundred days: both errors in minutes, over all patients who found nobody free, and in words for a failure. */
function measured(expectedMinutes: number): Measured {
  const days = Array.from({ length: 100 }, (_, i) => simulatedDay(i + 1, expectedMinutes));
  const told = days.flat();
  const [ours, naive] = [errors(told, "estimate"), errors(told, "naive")];
  const better = days.filter((day) => errors(day, "estimate").mean < errors(day, "naive").mean).length;
  const figures = JSON.stringify({ patients: told.length, ours, naive, better });
  return { ours, naive, better, figures };
}

describe("on simulated days", () => {
  it("the estimate errs by a few minutes, clearly less than patients ahead × configured minutes / clinicians", () => {
    const { ours, naive, better, figures } = measured(15);
    expect(ours.median, figures).toBeLessThan(4.5);
    expect(ours.mean, figures).toBeLessThan(7.5);
    expect(ours.p90, figures).toBeLessThan(17);
    expect(ours.median, figures).toBeLessThan(0.7 * naive.median);
    expect(ours.mean, figures).toBeLessThan(0.65 * naive.mean);
    expect(ours.p90, figures).toBeLessThan(0.65 * naive.p90);
    expect(better, figures).toBeGreaterThanOrEqual(90);
  });

  it("the estimate errs as little where the clinic has configured too short a visit", () => {
    const { ours, naive, figures } = measured(6);
    expect(ours.median, figures).toBeLessThan(4.5);
    expect(ours.mean, figures).toBeLessThan(0.75 * naive.mean);
  });

  it("learning costs little where the clinic knew it all along", () => {
    const { ours, naive, figures } = measured(10.3);
    expect(ours.median, figures).toBeLessThan(4.2);
    expect(ours.mean, figures).toBeLessThan(1.2 * naive.mean);
  });
});
