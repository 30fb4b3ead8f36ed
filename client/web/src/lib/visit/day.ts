/** One day on this device's calendar: from midnight to midnight, in ms since the epoch. */
export interface Day {
  readonly from: number;
  readonly to: number;
}

/** The day of `at`, or so many days after it. */
export function dayAt(at: number, after = 0): Day {
  const date = new Date(at);
  const midnight = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  return { from: midnight(after), to: midnight(after + 1) };
}
