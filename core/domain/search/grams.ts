import { classOf, type Run, runsOf } from "./characters.ts";

/**
 * The pieces of text that the index knows, each of which it keeps as a keyed hash: pairs of neighbours in scripts without
 * blanks, single ones of those that mean something alone (not kana), and the beginnings of words, marked by a blank.
 */
export const prefixLimit = 8;

/** Everything that can be looked up of a folded text, each once. */
export function gramsOf(folded: string): Set<string> {
  const grams = new Set<string>();
  for (const run of runsOf(folded)) {
    if (run.isWord) addPrefixes(grams, run);
    else addPairs(grams, run);
  }
  return grams;
}

/**
 * What a text that has this term in it is sure to have too. Empty: nothing of it is in the index, so it can only be looked
 * for in texts that are found by something else.
 */
export function gramsOfTerm(folded: string): Set<string> {
  const grams = new Set<string>();
  for (const run of runsOf(folded)) {
    const { characters } = run;
    if (run.isWord) grams.add(` ${characters.slice(0, prefixLimit).join("")}`);
    else if (characters.length > 1) pairsOf(characters, (pair) => grams.add(pair));
    else for (const single of characters) if (classOf(single) !== "kana") grams.add(single);
  }
  return grams;
}

function addPrefixes(grams: Set<string>, { characters }: Run): void {
  let prefix = " ";
  for (const character of characters.slice(0, prefixLimit)) {
    prefix += character;
    grams.add(prefix);
  }
}

function addPairs(grams: Set<string>, { characters }: Run): void {
  pairsOf(characters, (pair) => grams.add(pair));
  for (const single of characters) if (classOf(single) !== "kana") grams.add(single);
}

function pairsOf(characters: readonly string[], take: (pair: string) => void): void {
  characters.reduce((before, character) => {
    take(before + character);
    return character;
  });
}
