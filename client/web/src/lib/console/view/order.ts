import type { EntryView } from "../../../../../sdk/types.ts";

/** A move that is not done yet: `entry` comes directly before `before`; null: to the end. */
export interface Move {
  readonly entry: string;
  readonly before: string | null;
}

type Entries = readonly EntryView[];

/** The list as it will be after the move; the same array where that changes nothing. */
export function withMove(entries: Entries, move: Move | null): Entries {
  if (!move || move.entry === move.before) return entries;
  const from = entries.findIndex(({ id }) => id === move.entry);
  const moved = entries[from];
  if (!moved || followerOf(entries, move.entry) === move.before) return entries;
  const others = entries.toSpliced(from, 1);
  const to = move.before === null ? others.length : others.findIndex(({ id }) => id === move.before);
  return to < 0 ? entries : others.toSpliced(to, 0, moved);
}

/** Who comes directly after that entry; null: nobody. */
export function followerOf(entries: Entries, entry: string): string | null {
  const at = entries.findIndex(({ id }) => id === entry);
  return (at < 0 ? undefined : entries[at + 1]?.id) ?? null;
}

/**
 * What an entry is put before when it is dropped at `index` of the shown ones (counted without itself). Behind the
 * last one shown it comes directly after that one, whoever is hidden behind it.
 */
export function dropBefore(entries: Entries, shown: Entries, entry: string, index: number): string | null {
  const others = shown.filter(({ id }) => id !== entry);
  const next = others[Math.max(0, index)];
  if (next) return next.id;
  const last = others.at(-1);
  if (!last) return followerOf(entries, entry);
  return followerOf(
    entries.filter(({ id }) => id !== entry),
    last.id,
  );
}

/** Where a move goes once the list has changed: before whoever comes next of those that were behind. */
export function stillBefore(previous: Entries, next: Entries, before: string | null): string | null {
  if (before === null) return null;
  const present = new Set(next.map(({ id }) => id));
  const from = previous.findIndex(({ id }) => id === before);
  if (from < 0) return present.has(before) ? before : null;
  return previous.slice(from).find(({ id }) => present.has(id))?.id ?? null;
}

/** The place, from 1, that an entry has in this order; null: it is not in it. */
export function placeIn(entries: Entries, entry: string): number | null {
  const at = entries.findIndex(({ id }) => id === entry);
  return at < 0 ? null : at + 1;
}
