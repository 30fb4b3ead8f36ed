const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** The pauses after each failed try (ms), some 67 hours in all; after the last, the delivery is a dead letter. */
export const pauses = [
  5 * second,
  30 * second,
  2 * minute,
  10 * minute,
  hour,
  6 * hour,
  12 * hour,
  24 * hour,
  24 * hour,
] as const;

const spread = 0.2;
const longestAsked = hour;

/**
 * How long to wait after a delivery's n-th failure (ms), somewhat more or less so that those that failed together do not come
 * together again, and at least for as long as the receiver asks, up to an hour. null: it was tried often enough.
 */
export function pauseAfter(failures: number, random: number, askedMs: number | null): number | null {
  const pause = pauses[failures - 1];
  if (pause === undefined) return null;
  return Math.max(Math.round(pause * (1 + spread * (2 * random - 1))), Math.min(askedMs ?? 0, longestAsked));
}

/** `Retry-After` as a number of seconds (RFC 9110); other forms are passed over. */
export function askedPause(header: string | string[] | undefined): number | null {
  return typeof header === "string" && /^\d{1,7}$/.test(header) ? Number(header) * second : null;
}
