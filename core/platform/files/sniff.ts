import { fileTypeFromBuffer } from "file-type";
import { type FileType, fileTypeOf } from "../../domain/file/file.ts";
import { officeTypeOf } from "./office.ts";

/** What a file is, by its bytes: a type that we take, or why not. */
export type Sniffed = FileType | "unsafe" | "type" | "unreadable";

const sample = 64 * 1024;
// What makes a browser or an interpreter run a text, wherever in its beginning it stands.
const markup =
  /^\s*(<\?xml|<!doctype|<!--)|<(html|head|body|script|svg|iframe|object|embed|meta|base|form|math|\?php|%@)[\s>/]|^#!|^\s*\{\\rtf/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: no text has these
const controls = /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/;

/** Everything is decided by what the bytes begin with and hold; what the sender says does not count. */
export async function sniff(bytes: Buffer): Promise<Sniffed> {
  if (bytes.length === 0) return "unreadable";
  // Before anybody unpacks anything.
  if (bytes.toString("latin1", 0, 2) === "PK") return officeTypeOf(bytes) ?? "type";
  if (bytes.toString("latin1", 0, 5) === "%PDF-") return "application/pdf";
  const found = await fileTypeFromBuffer(bytes.subarray(0, sample * 4)).catch(() => undefined);
  if (found) return audioIn(found.mime) ?? fileTypeOf(found.mime) ?? "type";
  return isText(bytes) ? "text/plain" : "type";
}

/** Boxes that hold sound alone here; with pictures that move they are not taken. */
function audioIn(mime: string): FileType | null {
  return mime.startsWith("audio/mp4") || mime === "audio/x-m4a" ? "audio/mp4" : null;
}

/** Text that nobody runs, in UTF-8 or in one of the encodings of Japan, which have no byte of their own that gives them away. */
function isText(bytes: Buffer): boolean {
  if (controls.test(bytes.toString("latin1"))) return false;
  if (bytes.includes(0x7f)) return false;
  const encodings = ["utf-8", "shift_jis", "euc-jp"];
  const readable = encodings.some((encoding) => decodes(bytes, encoding));
  return readable && !markup.test(bytes.toString("latin1", 0, sample));
}

function decodes(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether it was announced as what it is: a table in text is text. */
export function isSame(declared: FileType, found: FileType): boolean {
  return declared === found || (declared === "text/csv" && found === "text/plain");
}
