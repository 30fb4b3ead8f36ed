import type { FileType } from "../../domain/file/file.ts";
import { type ArchiveEntry, entriesOf } from "./archive.ts";

const openXml = "application/vnd.openxmlformats-officedocument";
const openDocument = "application/vnd.oasis.opendocument";

const mainParts = [
  ["word/document.xml", `${openXml}.wordprocessingml.document`],
  ["xl/workbook.xml", `${openXml}.spreadsheetml.sheet`],
  ["ppt/presentation.xml", `${openXml}.presentationml.presentation`],
] as const satisfies readonly (readonly [string, FileType])[];

const mimetypes = [
  `${openDocument}.text`,
  `${openDocument}.spreadsheet`,
  `${openDocument}.presentation`,
] as const satisfies readonly FileType[];

/** What it may become when it is opened. */
const unpackedBytes = 500 * 1024 * 1024;
/** Text packs well; more than this is nothing but repetition. */
const mostRatio = 200;
const ratioFrom = 1024 * 1024;

/** The type of an office document, from its directory alone; `unsafe`, or null: it is none. */
export function officeTypeOf(bytes: Buffer): FileType | "unsafe" | null {
  const entries = entriesOf(bytes);
  if (!entries) return null;
  if (isUnsafe(entries)) return "unsafe";
  const has = (name: string): boolean => entries.some((entry) => entry.name === name);
  const main = mainParts.find(([part]) => has("[Content_Types].xml") && has(part));
  // The first entry of an OpenDocument is its type, as it is: APPNOTE and OpenDocument 1.3, part 2, 3.3.
  return (
    main?.[1] ??
    mimetypes.find((type) => bytes.toString("latin1", 30, 38 + type.length) === `mimetype${type}`) ??
    null
  );
}

function isUnsafe(entries: readonly ArchiveEntry[]): boolean {
  const names = new Set(entries.map(({ name }) => name));
  const unpacked = entries.reduce((sum, entry) => sum + entry.unpacked, 0);
  return (
    names.size !== entries.length ||
    unpacked > unpackedBytes ||
    entries.some(
      (entry) =>
        entry.encrypted ||
        (entry.unpacked > ratioFrom && entry.unpacked > entry.packed * mostRatio) ||
        entry.unpacked > unpackedBytes ||
        /(^|\/)\.\.(\/|$)|^\/|\\|\0/.test(entry.name) ||
        // Programs: macros of Word, Excel and PowerPoint, scripts of LibreOffice.
        /(^|\/)vba(project|data)\.|^(basic|scripts)\//i.test(entry.name),
    )
  );
}
