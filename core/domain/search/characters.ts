/**
 * What a character of folded text is to search. `word`: letters and digits of scripts that put blanks between words;
 * `kana` and `glyph`: of scripts that do not, and signs that stand for themselves, as 😊; `gap`: blanks and punctuation.
 */
export type CharacterClass = "word" | "kana" | "glyph" | "gap";

const letter = /^[\p{L}\p{N}\p{M}]$/u;
const kana = /^[\p{Script=Hiragana}\p{Script=Katakana}\u30fc\u3099\u309a]$/u;
const unspaced =
  /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]$/u;
const sign = /^\p{S}$/u;

const known = new Map<string, CharacterClass>();
const remembered = 20_000;

/** Of one code point. */
export function classOf(character: string): CharacterClass {
  const before = known.get(character);
  if (before) return before;
  const found = classify(character);
  if (known.size < remembered) known.set(character, found);
  return found;
}

function classify(character: string): CharacterClass {
  if (kana.test(character)) return "kana";
  if (letter.test(character)) return unspaced.test(character) ? "glyph" : "word";
  return sign.test(character) && character > "\u007f" ? "glyph" : "gap";
}

/** A stretch of folded text whose characters belong together: a word, or characters that are written without blanks. */
export interface Run {
  readonly isWord: boolean;
  readonly characters: readonly string[];
}

/** Those of folded text, in order; gaps are between them. */
export function runsOf(folded: string): Run[] {
  const runs: { readonly isWord: boolean; readonly characters: string[] }[] = [];
  let open = false;
  for (const character of folded) {
    const found = classOf(character);
    if (found === "gap") {
      open = false;
      continue;
    }
    const isWord = found === "word";
    const last = runs.at(-1);
    if (open && last?.isWord === isWord) last.characters.push(character);
    else runs.push({ isWord, characters: [character] });
    open = true;
  }
  return runs;
}
