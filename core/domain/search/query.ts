import { foldText } from "./fold.ts";
import { gramsOfTerm } from "./grams.ts";

/** What somebody looks for: texts with all of `terms` and none of `excluded`. All of it is folded. */
export interface SearchQuery {
  readonly terms: readonly string[];
  readonly excluded: readonly string[];
}

export const termLimit = 16;

const part =
  /([-\u2212\uff0d])?(?:["\u201c\u201d\uff02]([^"\u201c\u201d\uff02]*)["\u201c\u201d\uff02]?|([^\s"\u201c\u201d\uff02]+))/gu;

/**
 * Blanks stand between terms; quotes keep a phrase with blanks together; a minus before a term excludes it. Whatever is
 * written is a query: signs without a meaning here are looked for.
 */
export function parseQuery(text: string): SearchQuery {
  const terms = new Set<string>();
  const excluded = new Set<string>();
  for (const { 1: minus, 2: phrase, 3: word, index } of text.toWellFormed().matchAll(part)) {
    const isExcluded = minus !== undefined && isTermStart(text, index);
    const own = phrase ?? word ?? "";
    const term = foldText(minus !== undefined && !isExcluded ? minus + own : own);
    if (term !== "") (isExcluded ? excluded : terms).add(term);
  }
  return { terms: [...terms].slice(0, termLimit), excluded: [...excluded].slice(0, termLimit) };
}

function isTermStart(text: string, index: number): boolean {
  return index === 0 || /\s/u.test(text[index - 1] ?? "");
}

/** What every text that is found has in it; empty: the query names nothing that the index knows. */
export function gramsOfQuery({ terms }: SearchQuery): Set<string> {
  const grams = new Set<string>();
  for (const term of terms) for (const gram of gramsOfTerm(term)) grams.add(gram);
  return grams;
}
