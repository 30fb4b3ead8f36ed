import { type Rejection, rejection } from "../errors.ts";

export const bodyLimit = 65_536;

// C0 and C1 controls except tab and line feed, and the two "not a character" code points.
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is the check that keeps them out
const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/;

/**
 * Why a message body cannot be stored; null when it can. Text is kept as it is written: HTML is text, and
 * nothing is normalised or trimmed.
 */
export function bodyFault(body: string): Rejection | null {
  if (body.trim() === "") return rejection("body_empty");
  if (body.length > bodyLimit || utf8Length(body) > bodyLimit) return rejection("body_too_long");
  if (!body.isWellFormed() || forbidden.test(body)) return rejection("body_malformed");
  return null;
}

/** Bytes of the text in UTF-8; a lone surrogate counts 3, as its replacement character would. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(i + 1))) {
      bytes += 4;
      i += 1;
    } else bytes += 3;
  }
  return bytes;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
