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
const cluster = /[\s\S][\p{M}\uff9e\uff9f\u1160-\u11ff]*/gu;
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
  const put = (piece: string, start: number, end: number): void => {
    for (const character of piece) {
      const isBlank = blank.test(character);
      if (isBlank && (folded === "" || folded.endsWith(" "))) continue;
      folded += isBlank ? " " : character;
      for (let i = 0; i < character.length; i += 1) {
        starts.push(start);
        ends.push(end);
      }
    }
  };
  for (const { 0: piece, index } of text.matchAll(cluster)) {
    put(foldCluster(piece), index, index + piece.length);
  }
  if (!folded.endsWith(" ")) return { text: folded, starts, ends };
  return { text: folded.slice(0, -1), starts: starts.slice(0, -1), ends: ends.slice(0, -1) };
}

/** The form alone, where nobody asks where it comes from. */
export function foldText(text: string): string {
  let folded = "";
  for (const [piece] of text.matchAll(cluster)) folded += foldCluster(piece);
  return folded.replaceAll(/\s+/gu, " ").trim();
}

function foldCluster(piece: string): string {
  if (piece.length === 1) {
    const unit = piece.charCodeAt(0);
    if (isPlain(unit)) return piece;
    if (unit >= 0x30a1 && unit <= 0x30f6) return String.fromCharCode(unit - kanaOffset);
  }
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

/** Most of what is written here: a short way for what is in its form already. */
function isPlain(unit: number): boolean {
  return (
    (unit >= 0x4e00 && unit <= 0x9fff) ||
    (unit >= 0x3041 && unit <= 0x3096) ||
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x21 && unit <= 0x40)
  );
}
