/**
 * Text in the one form that search compares: width, case, kana, diacritics and kinds of blank do not tell texts apart.
 * Voicing marks do: か is not が.
 */
export interface Folded {
  readonly text: string;
  /** For each UTF-16 unit of `text`, where in the original that begins which it comes from… */
  readonly starts: readonly number[];
  /** …and where it ends. */
  readonly ends: readonly number[];
}

/** A character with what joins it: marks, half-width voicing, and the vowels and finals of Hangul. */
const cluster = /[\s\S][\p{M}\uff9e\uff9f\u1160-\u11ff]*/uy;
/** Marks upon letters, and the selectors of variants. Voicing marks and the vowels of other scripts are none of these. */
const marks = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g;
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;
const katakana = /[\u30a1-\u30f6\u30fd\u30fe]/g;
const dashes = /[\u2010-\u2015\u2212]/g;
const quotes = /[\u2018\u2019]/g;
const blank = /^\s$/u;
const kanaOffset = 0x60;

export function fold(text: string): Folded {
  const starts: number[] = [];
  const ends: number[] = [];
  let folded = "";
  for (const [piece, start, end] of pieces(text)) {
    for (const character of piece) {
      const isBlank = blank.test(character);
      if (isBlank && (folded === "" || folded.endsWith(" "))) continue;
      folded += isBlank ? " " : character;
      for (let i = 0; i < character.length; i += 1) {
        starts.push(start);
        ends.push(end);
      }
    }
  }
  if (!folded.endsWith(" ")) return { text: folded, starts, ends };
  return { text: folded.slice(0, -1), starts: starts.slice(0, -1), ends: ends.slice(0, -1) };
}

/** The form alone, where nobody asks where it comes from. */
export function foldText(text: string): string {
  let folded = "";
  for (let i = 0; i < text.length; ) {
    const simple = simpleAt(text, i);
    const piece = simple ?? clusterAt(text, i);
    folded += simple ?? foldCluster(piece);
    i += piece.length;
  }
  return folded.replaceAll(/\s+/gu, " ").trim();
}

/** Each character's folded form, and where it begins and ends. */
function* pieces(text: string): Generator<readonly [string, number, number]> {
  for (let i = 0; i < text.length; ) {
    const simple = simpleAt(text, i);
    const piece = simple ?? clusterAt(text, i);
    yield [simple ?? foldCluster(piece), i, i + piece.length];
    i += piece.length;
  }
}

function clusterAt(text: string, index: number): string {
  cluster.lastIndex = index;
  return cluster.exec(text)?.[0] ?? text.charAt(index);
}

/** The folded form of most of what is written here, one unit for one; null: it has to be looked at more closely. */
function simpleAt(text: string, index: number): string | null {
  const next = text.charCodeAt(index + 1);
  if (!(Number.isNaN(next) || isSimple(next) || isSimpleKatakana(next))) return null;
  const unit = text.charCodeAt(index);
  if (isSimpleKatakana(unit)) return String.fromCharCode(unit - kanaOffset);
  return isSimple(unit) ? text.charAt(index) : null;
}

function foldCluster(piece: string): string {
  return piece
    .normalize("NFKD")
    .replaceAll(ignorable, "")
    .replaceAll(marks, "")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(marks, "")
    .normalize("NFC")
    .replaceAll(katakana, (kana) => String.fromCharCode(kana.charCodeAt(0) - kanaOffset))
    .replaceAll(dashes, "-")
    .replaceAll(quotes, "'")
    .replaceAll("\u301c", "~");
}

/** Ideographs, hiragana, Japanese punctuation, small letters, digits, ASCII's signs and the blank: in their form, and no marks. */
function isSimple(unit: number): boolean {
  return (
    (unit >= 0x4e00 && unit <= 0x9fff) ||
    (unit >= 0x3041 && unit <= 0x3096) ||
    (unit >= 0x61 && unit <= 0x7e) ||
    (unit >= 0x20 && unit <= 0x40) ||
    (unit >= 0x3001 && unit <= 0x3011) ||
    unit === 0x30fc
  );
}

function isSimpleKatakana(unit: number): boolean {
  return unit >= 0x30a1 && unit <= 0x30f6;
}
