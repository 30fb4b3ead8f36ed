import type { Folded } from "./fold.ts";
import type { Match, Range } from "./match.ts";

/** A part of a text around what was found in it, to be shown. */
export interface Snippet {
  /** With … where it was cut. */
  readonly text: string;
  /** What was found, in UTF-16 units of `text`; apart from each other, in order. */
  readonly highlights: readonly Range[];
}

const lengthLimit = 160;
const before = 40;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The places of a match in the original text, whole characters as people see them, those that touch as one. */
export function highlightsOf(original: string, folded: Folded, { places }: Match): Range[] {
  const segments = graphemes.segment(original);
  const ranges = places.flat().map(({ start, end }) => {
    const last = segments.containing(Math.max(0, (folded.ends[end - 1] ?? 0) - 1));
    return {
      start: segments.containing(folded.starts[start] ?? 0)?.index ?? 0,
      end: last ? last.index + last.segment.length : original.length,
    };
  });
  return merge(ranges.sort((a, b) => a.start - b.start || a.end - b.end));
}

/** The part of the text with the first of the most places that fit into it. */
export function snippetOf(original: string, highlights: readonly Range[]): Snippet {
  const first = densest(highlights);
  const cutFrom = original.length <= lengthLimit ? 0 : Math.max(0, (first?.start ?? 0) - before);
  const from = boundary(original, cutFrom);
  const to = boundary(original, Math.max(from + lengthLimit, first?.end ?? 0));
  const head = from > 0 ? "…" : "";
  const text = `${head}${original.slice(from, to)}${to < original.length ? "…" : ""}`;
  const shift = head.length - from;
  const shown = highlights.filter(({ start, end }) => start >= from && end <= to);
  return { text, highlights: shown.map(({ start, end }) => ({ start: start + shift, end: end + shift })) };
}

function densest(highlights: readonly Range[]): Range | undefined {
  const room = lengthLimit - before;
  const within = (first: Range) =>
    highlights.filter(({ start, end }) => start >= first.start && end <= first.start + room).length;
  let best: Range | undefined;
  let most = -1;
  for (const one of highlights.slice(0, 50)) {
    const count = within(one);
    if (count > most) {
      best = one;
      most = count;
    }
  }
  return best;
}

/** The nearest place at or before `index` that cuts no character in two. */
function boundary(text: string, index: number): number {
  if (index >= text.length) return text.length;
  return graphemes.segment(text).containing(index)?.index ?? 0;
}

function merge(sorted: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else merged.push(range);
  }
  return merged;
}
