/** When a queue is open, week by week, by the clocks on the clinic's walls. Intervals that adjoin are one. */
export interface OpeningHours {
  /** IANA name, such as "Asia/Tokyo". */
  readonly timeZone: string;
  readonly weekly: readonly OpeningInterval[];
}

/** Open on one day of the week from a time up to, not including, another. */
export interface OpeningInterval {
  /** 0 is Sunday, 6 is Saturday. */
  readonly day: number;
  /** "09:00" */
  readonly from: string;
  /** "17:30"; "24:00" is the end of the day. */
  readonly to: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;
const week = 7 * day;
const dayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Whether the clinic's clock shows a time of these hours at `now` (ms since 1970). The hours must have no fault. */
export function isOpenAt(hours: OpeningHours, now: number): boolean {
  const time = weekTime(now + offsetAt(hours.timeZone, now));
  return hours.weekly.map(spanOf).some(({ from, to }) => from <= time && time < to);
}

/**
 * The next moment after `now` (ms since 1970) at which `isOpenAt` changes; null when it never does. When the clocks are
 * changed, that moment counts too: an opening time that is skipped takes effect at the change. The hours must have
 * no fault.
 */
export function nextChange(hours: OpeningHours, now: number): number | null {
  const edges = hours.weekly.map(spanOf).flatMap(({ from, to }) => [from, to]);
  const open = isOpenAt(hours, now);
  // Two weeks and a day, as the clocks may skip this week's only edge.
  const end = now + 2 * week + day;
  for (let at = Math.floor(now); at < end; ) {
    at = nextStep(hours.timeZone, edges, at);
    if (isOpenAt(hours, at) !== open) return at;
  }
  return null;
}

/** What is wrong with these hours and how to correct it; null when nothing is. */
export function hoursFault({ timeZone, weekly }: OpeningHours): string | null {
  if (!isTimeZone(timeZone)) {
    return `"${timeZone}" is not a known time zone: give an IANA name such as "Asia/Tokyo"`;
  }
  const spans: { from: number; to: number; name: string }[] = [];
  for (const interval of weekly) {
    const fault = intervalFault(interval);
    if (fault !== null) return fault;
    spans.push({ ...spanOf(interval), name: nameOf(interval) });
  }
  spans.sort((a, b) => a.from - b.from);
  const second = spans.findIndex(({ from }, i) => from < (spans[i - 1]?.to ?? 0));
  if (second < 0) return null;
  return `${spans[second - 1]?.name} and ${spans[second]?.name} overlap: join them or move one`;
}

function intervalFault(interval: OpeningInterval): string | null {
  if (dayNames[interval.day] === undefined) {
    return `${interval.day} is not a day of the week: days run from 0 (Sunday) to 6 (Saturday)`;
  }
  const wrong = [interval.from, interval.to].find((time) => !/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(time));
  if (wrong !== undefined) return `"${wrong}" is not a time: write it as "09:00", at the latest "24:00"`;
  const { from, to } = spanOf(interval);
  if (from < to) return null;
  return `${nameOf(interval)} does not end after it begins: give hours past midnight as two intervals, one up to "24:00" and one from "00:00" of the next day`;
}

function nameOf({ day, from, to }: OpeningInterval): string {
  return `${dayNames[day]} ${from}–${to}`;
}

/** The interval in ms since the week's beginning, Sunday 00:00. */
function spanOf(interval: OpeningInterval): { readonly from: number; readonly to: number } {
  const since = (time: string) =>
    interval.day * day + (Number(time.slice(0, 2)) * 60 + Number(time.slice(3))) * minute;
  return { from: since(interval.from), to: since(interval.to) };
}

/** The next moment after `at` when the clock reaches an edge or is changed itself; a week later at most. */
function nextStep(timeZone: string, edges: readonly number[], at: number): number {
  const offset = offsetAt(timeZone, at);
  const time = weekTime(at + offset);
  let next = at + Math.min(week, ...edges.map((edge) => (edge - time + week) % week || week));
  if (offsetAt(timeZone, next) === offset) return next;
  // No zone changes its clocks twice within a week, so the change is found by halving.
  for (let before = at; next - before > 1; ) {
    const middle = Math.floor((before + next) / 2);
    if (offsetAt(timeZone, middle) === offset) before = middle;
    else next = middle;
  }
  return next;
}

/** Ms since Sunday 00:00 of a clock that shows `wall`, counted as if it were UTC; 1970 began on a Thursday. */
function weekTime(wall: number): number {
  return (((wall + 4 * day) % week) + week) % week;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** How far the zone's clock is ahead of UTC, in ms. Throws RangeError for an unknown zone. */
function offsetAt(timeZone: string, now: number): number {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    formatters.set(timeZone, formatter);
  }
  const [, sign = "+", hours = 0, minutes = 0, seconds = 0] =
    /GMT([+-])(\d+):(\d+)(?::(\d+))?$/.exec(formatter.format(now)) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * minute + Number(seconds) * 1000;
  return sign === "-" ? -offset : offset;
}

function isTimeZone(name: string): boolean {
  try {
    offsetAt(name, 0);
    return true;
  } catch {
    return false;
  }
}
