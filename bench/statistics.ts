/** The value below which this share of the sorted values lies, 0 to 1; NaN when there are none. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const last = sorted.length - 1;
  return sorted[Math.max(0, Math.min(last, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and greatest of some rounds' values; null when there are none. */
export function spread(values: readonly number[]): Spread | null {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const { length } = sorted;
  if (length === 0) return null;
  const middle = (sorted[(length - 1) >> 1] ?? 0) + (sorted[length >> 1] ?? 0);
  return { median: middle / 2, min: sorted[0] ?? 0, max: sorted[length - 1] ?? 0 };
}
