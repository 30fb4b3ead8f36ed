import type { EntryView } from "../../../../../sdk/types.ts";

/**
 * `ready`: can be called now; `called`: called, confirmed or on the way; `incomplete`: the check-in is missing;
 * `absent`: away or disconnected.
 */
export const filters = ["all", "ready", "called", "held", "incomplete", "absent"] as const;
export type Filter = (typeof filters)[number];

const tests: Readonly<Record<Filter, (entry: EntryView) => boolean>> = {
  all: () => true,
  ready: isCallable,
  called: ({ status }) => status === "called" || status === "confirmed" || status === "leaving",
  held: ({ status }) => status === "held",
  incomplete: ({ ready, status }) => !ready && status !== "leaving",
  absent: ({ status, online }) => status === "away" || (!online && status !== "leaving"),
};

/** Waiting, ready and present: who "call next" may take. */
export function isCallable({ status, ready, online }: EntryView): boolean {
  return status === "waiting" && ready && online;
}

/** Who still waits for their turn, called or not. */
export function isWaiting({ status }: EntryView): boolean {
  return status !== "leaving";
}

/** How many each filter would show. */
export function countsOf(entries: readonly EntryView[]): Readonly<Record<Filter, number>> {
  const counts = { all: 0, ready: 0, called: 0, held: 0, incomplete: 0, absent: 0 };
  for (const entry of entries) {
    for (const filter of filters) if (tests[filter](entry)) counts[filter] += 1;
  }
  return counts;
}

/** The entries a filter lets through whose words hold all of those asked for. */
export function shownOf(entries: readonly EntryView[], filter: Filter, query: string): readonly EntryView[] {
  const asked = plain(query).split(/\s+/u).filter(Boolean);
  if (filter === "all" && asked.length === 0) return entries;
  return entries.filter((entry) => tests[filter](entry) && hasAll(entry, asked));
}

function hasAll(entry: EntryView, asked: readonly string[]): boolean {
  if (asked.length === 0) return true;
  const { name, reason, language, needs } = entry;
  const words = plain([name, reason, language ?? "", ...needs].join(" "));
  return asked.every((word) => words.includes(word));
}

/** Width, case and accents do not matter. */
function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/[\u0300-\u036f]/g, "")
    .toLowerCase();
}
