// Line breaks of other programs (vertical tab, form feed, next line, CR), as they come with pasted text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are replaced
const otherBreaks = /\r\n?|[\u000b\u000c\u0085\u2028\u2029]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are taken out
const unstorable = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;

/**
 * A written message, ready to be sent: without the invisible characters that pasting brings along and that
 * cannot be stored, and without blank lines around it.
 */
export function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(otherBreaks, "\n")
    .replace(unstorable, "")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd();
}
