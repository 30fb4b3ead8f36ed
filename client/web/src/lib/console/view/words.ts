import { isErrorCode } from "../../../../../../core/domain/errors.ts";
import type { BoardSnapshot, EntryView, QueueInfo } from "../../../../../sdk/types.ts";
import type { Dictionary } from "../../i18n/en.ts";
import { sameDay, timeOf } from "../../view/format.ts";
import { type Fault, raceOf } from "./race.ts";
import { spanOf } from "./spans.ts";

/** The words, and how the reader writes times. */
export interface Language {
  readonly t: Dictionary;
  readonly locale: string;
}

/** Why a command was refused: who was faster and when, else what the code says. */
export function faultWords(
  fault: Fault,
  {
    entry,
    board,
    language: { t, locale },
  }: { entry: string | null; board: BoardSnapshot; language: Language },
): string {
  const race = raceOf(fault, entry, board);
  if (!race) return t.errors[fault.code];
  const time = timeOf(race.at, locale);
  return race.mine ? t.console.race.mine(time) : t.console.race[race.deed](race.name, time);
}

export function spanWords(ms: number, { t }: Pick<Language, "t">): string {
  const { hours, minutes } = spanOf(ms);
  return t.console.span(hours, minutes);
}

/** Where a patient stands, in full. */
export function statusWords(entry: EntryView, now: number, { t, locale }: Language): string {
  const { statusSince: words, status: short } = t.console;
  const { status, by, offlineSince, waitingSince } = entry;
  if (status === "waiting") return words.waiting(spanWords(now - waitingSince, { t }));
  if (status === "away") return offlineSince === null ? short.away : words.away(timeOf(offlineSince, locale));
  return by ? words[status](by.name, timeOf(by.at, locale)) : short[status];
}

/** Why a transfer or an admission came back. */
export function returnedWords(code: string, { t }: Pick<Language, "t">): string {
  const { other, ...known } = t.console.returned;
  if (isKeyOf(known, code)) return known[code];
  return isErrorCode(code) ? t.errors[code] : other;
}

/** A need: those that patients choose from in the reader's words, what they write themselves as it is. */
export function needWords(need: string, { t }: Pick<Language, "t">): string {
  const { needs } = t.console;
  return isKeyOf(needs, need) ? needs[need] : need;
}

function isKeyOf<T extends object>(words: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(words, key);
}

/** Whether the queue is open, and until when. */
export function openingWords(queue: QueueInfo, now: number, { t, locale }: Language): string {
  const words = t.console.opening;
  const { opening, suspended, nextHours } = queue;
  if (opening === "suspended") {
    const until = suspended?.until ?? null;
    return until === null ? words.suspended : words.pausedUntil(timeOf(until, locale));
  }
  if (nextHours === null) return words[opening];
  if (opening === "open") return words.openUntil(timeOf(nextHours, locale));
  return words.opensAt(comingTime(nextHours, now, locale));
}

/** The time, with the weekday where it is another day. */
function comingTime(at: number, now: number, locale: string): string {
  if (sameDay(at, now)) return timeOf(at, locale);
  return new Intl.DateTimeFormat(locale, { weekday: "short", hour: "numeric", minute: "2-digit" }).format(at);
}

/** A language as the reader calls it; the tag where the browser knows none. */
export function languageName(tag: string, locale: string): string {
  try {
    return new Intl.DisplayNames([locale], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
