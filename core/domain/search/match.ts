import { classOf } from "./characters.ts";
import type { Folded } from "./fold.ts";
import type { SearchQuery } from "./query.ts";

/** A place in a text, in UTF-16 units, the end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where each term of a query is in a text. */
export interface Match {
  /** In the order of the query's terms: every place of each, in the folded text. */
  readonly places: readonly (readonly Range[])[];
}

/** More places of a term than anyone looks at. */
const placesLimit = 200;

/**
 * Whether a text is what the query looks for, and where; null: it is not. A term that begins with a letter or digit of
 * a word is found where a word begins; everything else is found anywhere.
 */
export function matchText({ text }: Pick<Folded, "text">, { terms, excluded }: SearchQuery): Match | null {
  const places: Range[][] = [];
  for (const term of terms) {
    const found = placesOf(text, term, placesLimit);
    if (found.length === 0) return null;
    places.push(found);
  }
  if (excluded.some((term) => placesOf(text, term, 1).length > 0)) return null;
  return { places };
}

function placesOf(text: string, term: string, limit: number): Range[] {
  const places: Range[] = [];
  if (term === "") return places;
  const atWordStart = isWordUnit(firstOf(term));
  for (let start = text.indexOf(term); start >= 0 && places.length < limit; ) {
    const fits = !atWordStart || !isWordUnit(lastOf(text, start));
    if (fits) places.push({ start, end: start + term.length });
    start = text.indexOf(term, fits ? start + term.length : start + 1);
  }
  return places;
}

/** Whether a place ends where its word does, so that it is not the beginning of a longer one. */
export function endsWord(text: string, { end }: Range): boolean {
  return !(isWordUnit(lastOf(text, end)) && isWordUnit(firstOf(text.slice(end, end + 2))));
}

function isWordUnit(character: string): boolean {
  return character !== "" && classOf(character) === "word";
}

function firstOf(text: string): string {
  const point = text.codePointAt(0);
  return point === undefined ? "" : String.fromCodePoint(point);
}

/** The character before `end`. */
function lastOf(text: string, end: number): string {
  const unit = text.charCodeAt(end - 1);
  const isLow = unit >= 0xdc00 && unit < 0xe000;
  return end === 0 ? "" : text.slice(isLow && end > 1 ? end - 2 : end - 1, end);
}
