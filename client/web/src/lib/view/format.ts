/** Times as a reader of the locale expects them, in the device's time zone. */
export function timeOf(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(at);
}

/** Date and time in full. */
export function momentOf(at: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "short" }).format(at);
}

export interface DayWords {
  readonly today: string;
  readonly yesterday: string;
}

/** A day as a heading: today, yesterday, else weekday and date, with the year where it is another one. */
export function dayOf(at: number, now: number, locale: string, words: DayWords): string {
  const ago = daysBetween(at, now);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat(locale, {
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(sameYear ? {} : { year: "numeric" }),
  }).format(at);
}

/** The shortest that still says when: the time today, the weekday this week, else the date. */
export function shortWhen(at: number, now: number, locale: string, words: DayWords): string {
  const ago = daysBetween(at, now);
  if (ago === 0) return timeOf(at, locale);
  if (ago === 1) return words.yesterday;
  if (ago > 1 && ago < 7) return new Intl.DateTimeFormat(locale, { weekday: "long" }).format(at);
  return new Intl.DateTimeFormat(locale, { dateStyle: "short" }).format(at);
}

/** A moment as one says it: the time today, "tomorrow" or "yesterday" and the time, the weekday and the time, else the date. */
export function whenOf(at: number, now: number, locale: string): string {
  const days = -daysBetween(at, now);
  if (days === 0) return timeOf(at, locale);
  if (Math.abs(days) === 1) {
    const day = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day");
    return `${day} ${timeOf(at, locale)}`;
  }
  const near = days > 1 && days < 7;
  const date = near ? ({ weekday: "long" } as const) : ({ month: "long", day: "numeric" } as const);
  return new Intl.DateTimeFormat(locale, { ...date, hour: "numeric", minute: "2-digit" }).format(at);
}

export function sameDay(a: number, b: number): boolean {
  return daysBetween(a, b) === 0;
}

/** Calendar days from `at` to `now`; counted at noon, so that a change of the clock does not matter. */
function daysBetween(at: number, now: number): number {
  return Math.round((noon(now) - noon(at)) / 86_400_000);
}

function noon(at: number): number {
  return new Date(at).setHours(12, 0, 0, 0);
}

const title = /^(?:dr|mr|mrs|ms|prof)\.?\s+/i;
const reading = /\s*[(（].*$/u;

/** What stands in an avatar: the first letters of a Latin name's words, else the name's first character. */
export function initialsOf(name: string): string {
  const words = name.trim().replace(reading, "").replace(title, "").split(/\s+/u);
  const [first = "?"] = words[0] ?? "";
  const [last = ""] = words.length > 1 ? (words.at(-1) ?? "") : "";
  return isLatin(first) ? (first + (isLatin(last) ? last : "")).toUpperCase() : first;
}

function isLatin(character: string): boolean {
  return /^\p{Script=Latin}/u.test(character);
}

/** A number in [0, buckets) that is always the same for the same id. */
export function bucketOf(id: string, buckets: number): number {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 4_294_967_291;
  return hash % buckets;
}
