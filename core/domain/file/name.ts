import { type FileType, fileTypes } from "./file.ts";

/** Most file systems take 255 bytes; whoever saves it may add to it. */
const nameBytes = 200;

// Controls, marks that turn the direction of writing, and what cannot be seen at all.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is the check that keeps them out
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff]/gu;
/** No file system that people use has these in names. */
const forbidden = /[<>:"|?*]/g;
/** Devices of Windows, with any ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i;

/**
 * A name that is safe to show, to keep and to save under, made of what a client sent: the last part of a path, without what is unseen or
 * turns the reading around, and with an ending of its type, so that nothing is opened as another thing than it was checked as.
 */
export function fileNameOf(sent: string, type: FileType): string {
  const endings: readonly string[] = fileTypes[type];
  const last = sent.toWellFormed().normalize("NFC").replace(unseen, "").split(/[/\\]/).at(-1) ?? "";
  const tidy = last
    .replace(forbidden, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  const dot = tidy.lastIndexOf(".");
  const ending = dot > 0 ? tidy.slice(dot + 1).toLowerCase() : "";
  const known = endings.includes(ending);
  const stem = (known ? tidy.slice(0, dot) : tidy).trim() || "file";
  const safe = device.test(stem) ? `_${stem}` : stem;
  return `${shortened(safe)}.${known ? ending : endings[0]}`;
}

/** By whole characters, as people see them. */
function shortened(text: string): string {
  if (bytesOf(text) <= nameBytes) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (bytesOf(kept) + bytesOf(segment) > nameBytes) break;
    kept += segment;
  }
  return kept.trimEnd() || "file";
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
