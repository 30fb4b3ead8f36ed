import type { EntryView } from "../../../../../sdk/types.ts";

/** An entry's status; of one that waits, what keeps it from being called comes first. */
export type Standing = EntryView["status"] | "incomplete" | "lost";

export function standingOf({ status, ready, online }: EntryView): Standing {
  if (status !== "waiting") return status;
  if (!online) return "lost";
  return ready ? "waiting" : "incomplete";
}

/** What else one has to know of an entry at a glance, beside how it stands; the most pressing first. */
export type Mark = "incomplete" | "lost" | "missed" | "returned" | "ready" | "scheduled" | "told";

/** `asks`: whether the queue asks for a check-in at all. */
export function marksOf(entry: EntryView, asks: boolean): readonly Mark[] {
  const standing = standingOf(entry);
  const { ready, online, status, missed, returned, visit, notice } = entry;
  const all: readonly (readonly [Mark, boolean])[] = [
    ["incomplete", !ready && standing !== "incomplete"],
    ["lost", !online && standing !== "lost" && status !== "away"],
    ["missed", missed > 0],
    ["returned", returned !== null],
    ["ready", ready && asks],
    ["scheduled", visit !== null],
    ["told", notice !== null],
  ];
  return all.flatMap(([mark, on]) => (on ? [mark] : []));
}
