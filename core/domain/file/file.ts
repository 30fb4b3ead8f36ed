/** Where a file stands on its way in. Nobody downloads it before it is `clean`. */
export const fileStates = ["awaiting", "quarantined", "scanning", "clean", "rejected"] as const;
export type FileState = (typeof fileStates)[number];

/**
 * Why a file was refused: `damaged` is another one than was announced; `mismatch` is of another type than it says; `unsafe` would become
 * very large when it is opened, or runs programs; `unreadable` is broken; `too_large` is more than the virus scanner takes.
 */
// biome-ignore format: one list
export const rejectReasons = ["damaged", "malware", "mismatch", "type", "unsafe", "unreadable", "too_large"] as const;
export type RejectReason = (typeof rejectReasons)[number];

/** `preview`: of images alone, small. */
export const fileVariants = ["download", "preview"] as const;
export type FileVariant = (typeof fileVariants)[number];

/** What a message says of a file that it carries. */
export interface AttachedFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly bytes: number;
}

/** The same, as it is known when the message is decided on. */
export interface KnownFile extends AttachedFile {
  readonly state: FileState;
}

/** More than any installation takes; how much one does is its setting. */
export const fileBytesLimit = 100 * 1024 * 1024;

/** Of one message. */
export const attachmentLimit = 10;

/** Types that are taken, each with the endings of its names, the usual one first. */
export const fileTypes = {
  "image/jpeg": ["jpg", "jpeg", "jfif"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "application/pdf": ["pdf"],
  "text/plain": ["txt", "log", "text", "md"],
  "text/csv": ["csv"],
  "audio/mpeg": ["mp3"],
  "audio/mp4": ["m4a", "mp4"],
  "audio/ogg": ["ogg", "oga", "opus"],
  "audio/wav": ["wav"],
  "audio/flac": ["flac"],
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ["docx"],
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ["xlsx"],
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": ["pptx"],
  "application/vnd.oasis.opendocument.text": ["odt"],
  "application/vnd.oasis.opendocument.spreadsheet": ["ods"],
  "application/vnd.oasis.opendocument.presentation": ["odp"],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;
export type FileType = keyof typeof fileTypes;

/** What else browsers call some of them. */
const aliases: Readonly<Record<string, FileType>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "audio/mp3": "audio/mpeg",
  "audio/x-m4a": "audio/mp4",
  "audio/m4a": "audio/mp4",
  "audio/opus": "audio/ogg",
  "application/ogg": "audio/ogg",
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/vnd.wave": "audio/wav",
  "audio/x-flac": "audio/flac",
  "text/markdown": "text/plain",
  "application/csv": "text/csv",
};

export function isFileType(type: string): type is FileType {
  return Object.hasOwn(fileTypes, type);
}

/** The type that is meant, where it is one that we take; else null. Parameters (`; charset=…`) say nothing. */
export function fileTypeOf(declared: string): FileType | null {
  const bare = declared.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (isFileType(bare)) return bare;
  return Object.hasOwn(aliases, bare) ? (aliases[bare] ?? null) : null;
}

export function isImage(type: string): boolean {
  return type.startsWith("image/");
}
