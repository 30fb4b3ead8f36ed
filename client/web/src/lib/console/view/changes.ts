import type { BoardSnapshot, EntryView } from "../../../../../sdk/types.ts";

/**
 * What happened to the patients of one person: `answered` and `unanswered` to a call of theirs, `returned` to a
 * transfer or an admission of theirs.
 */
export interface Change {
  readonly kind: "answered" | "unanswered" | "returned";
  readonly entry: EntryView;
}

type Entries = readonly EntryView[];

export function changesFor(me: string, previous: Entries, next: Entries): readonly Change[] {
  const before = new Map<string, EntryView>();
  for (const entry of previous) if (entry.by?.person === me) before.set(entry.id, entry);
  if (before.size === 0) return [];
  return next.flatMap((entry) => {
    const was = before.get(entry.id);
    const kind = was && was !== entry ? kindOf(was, entry) : null;
    return kind ? [{ kind, entry }] : [];
  });
}

function kindOf(was: EntryView, is: EntryView): Change["kind"] | null {
  if (was.status === "called" && is.status === "confirmed") return "answered";
  if (was.status === "called" && is.status === "waiting" && is.missed > was.missed) return "unanswered";
  if (was.status === "leaving" && is.status !== "leaving" && is.returned !== null) return "returned";
  return null;
}

/** Those who were not there before. */
export function arrivals(known: ReadonlySet<string>, next: Entries): readonly EntryView[] {
  return next.filter(({ id }) => !known.has(id));
}

/** On duty, those who can see somebody first. */
export function teamOf({ duty }: Pick<BoardSnapshot, "duty">): BoardSnapshot["duty"] {
  const order = ["available", "in_visit", "away"];
  return duty.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status) || a.since - b.since);
}
