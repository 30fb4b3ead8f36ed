/** What a value is, which decides how much of it may still be seen. */
export type MaskKind = "name" | "phone" | "email" | "address" | "identifier" | "contact";

const hidden = "•••";
const short = "••";
/** A phone number or an identifier with fewer says too much by its end. */
const fewestDigits = 7;
const fewestSigns = 8;
const seenAtEnd = 2;
const mostWords = 3;

const rules: Readonly<Record<MaskKind, (value: string) => string>> = {
  name: maskName,
  phone: maskPhone,
  email: maskEmail,
  /** Where somebody is, or lives. */
  address: () => hidden,
  identifier: maskIdentifier,
  /** Free words about how to reach somebody: a name and a number, as a rule. */
  contact: maskPhone,
};

/**
 * As much of a value as lets two be told apart by those who know them, and no more; "" stays "". How long it was is not seen.
 * Masking what is masked changes nothing.
 */
export function mask(kind: MaskKind, value: string): string {
  return value.trim() === "" ? "" : rules[kind](value.trim());
}

/** Of each word its first letter, as a reader takes it; a word of one letter is hidden whole. 山田 花子 is 山•• 花••. */
function maskName(name: string): string {
  const words = name.split(/\s+/u).slice(0, mostWords);
  return words.map(maskWord).join(" ");
}

function maskWord(word: string): string {
  const [first = "", ...rest] = graphemes(word);
  return rest.length === 0 || first.startsWith("•") ? hidden : `${first}${short}`;
}

/** The last two digits of a number that has enough of them. */
function maskPhone(text: string): string {
  if (isMasked(text)) return text;
  const digits = text.match(/\p{Nd}/gu) ?? [];
  return digits.length < fewestDigits ? hidden : `${hidden}${digits.slice(-seenAtEnd).join("")}`;
}

function maskEmail(address: string): string {
  const [local = "", ...domain] = address.split("@");
  if (domain.length === 0) return hidden;
  return `${maskWord(local)}@${hidden}`;
}

/** The last two signs of one token that is long enough: of a number on a card, not of a sentence. */
function maskIdentifier(text: string): string {
  if (isMasked(text)) return text;
  const signs = graphemes(text.replace(/[-‐ー.\s]/gu, ""));
  const isToken = /^[\p{L}\p{N}\-‐ー.]+$/u.test(text) && /\p{N}/u.test(text);
  return !isToken || signs.length < fewestSigns ? hidden : `${hidden}${signs.slice(-seenAtEnd).join("")}`;
}

function isMasked(text: string): boolean {
  return text.startsWith(hidden) && graphemes(text).length <= graphemes(hidden).length + seenAtEnd;
}

function graphemes(text: string): string[] {
  return [...new Intl.Segmenter("ja", { granularity: "grapheme" }).segment(text)].map(
    ({ segment }) => segment,
  );
}
