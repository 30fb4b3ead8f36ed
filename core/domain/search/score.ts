import { gramsOfTerm } from "./grams.ts";
import { endsWord, type Match } from "./match.ts";
import type { SearchQuery } from "./query.ts";

export interface Scored {
  /** Folded. */
  readonly text: string;
  readonly match: Match;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Of Okapi BM25 (Robertson and Zaragoza, 2009), as they are mostly chosen. */
const saturation = 1.2;
const lengthShare = 0.75;
/** Of a message, in characters: how long the others are is not looked up. */
const usualLength = 60;
const halfLifeMs = 30 * 24 * 3_600_000;
const near = 20;

/**
 * How well a text answers a query; more is better. As BM25, with what is known without counting texts that the reader may
 * not see: the rarity of a term is that of its length. Terms beside each other in the order of the query count more, whole words
 * more than beginnings, and new texts more than old ones.
 */
export function scoreOf({ text, match, at }: Scored, { terms }: SearchQuery, now: number): number {
  const norm = saturation * (1 - lengthShare + (lengthShare * text.length) / usualLength);
  let score = 2 ** (-Math.max(0, now - at) / halfLifeMs);
  for (const [n, term] of terms.entries()) {
    const places = match.places[n] ?? [];
    const whole = places.some((place) => endsWord(text, place)) ? 1.25 : 1;
    const frequency = (places.length * (saturation + 1)) / (places.length + norm);
    score += Math.log2(1 + gramsOfTerm(term).size) * whole * frequency;
    if (n > 0) score += nearness(match, n);
  }
  return score;
}

/** 1: the term follows the one before it; 0: far from it. */
function nearness({ places }: Match, n: number): number {
  let best = 0;
  for (const { end } of (places[n - 1] ?? []).slice(0, 20)) {
    const next = (places[n] ?? []).find(({ start }) => start >= end);
    if (next) best = Math.max(best, 1 - (next.start - end) / near);
  }
  return best;
}
