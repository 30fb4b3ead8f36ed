/** What a ZIP says of itself in its central directory. Nothing in it is unpacked. */
export interface ArchiveEntry {
  readonly name: string;
  readonly packed: number;
  readonly unpacked: number;
  readonly encrypted: boolean;
}

const endMark = 0x06054b50;
const entryMark = 0x02014b50;
const localMark = 0x04034b50;
const endBytes = 22;
const entryBytes = 46;
const commentBytes = 65_535;
/** More than any office file has. */
const mostEntries = 5_000;

/**
 * The entries of a ZIP that begins with the first byte and ends with the last, on one disk and without ZIP64. null: it is not one,
 * or not in order (entries that overlap, lie, or leave the file).
 *
 * Source: PKWARE's APPNOTE.TXT, 4.3
 */
export function entriesOf(bytes: Buffer): readonly ArchiveEntry[] | null {
  if (bytes.length < endBytes || bytes.readUInt32LE(0) !== localMark) return null;
  const end = endOf(bytes);
  if (end === null) return null;
  const count = bytes.readUInt16LE(end + 10);
  const size = bytes.readUInt32LE(end + 12);
  const start = bytes.readUInt32LE(end + 16);
  const oneDisk = bytes.readUInt32LE(end + 4) === 0 && bytes.readUInt16LE(end + 8) === count;
  if (!oneDisk || count === 0 || count > mostEntries || start + size !== end) return null;
  return entriesFrom(bytes, { start, end, count });
}

/** Where the end record is: followed by its comment, and nothing else. */
function endOf(bytes: Buffer): number | null {
  const last = bytes.length - endBytes;
  for (let at = last; at >= Math.max(0, last - commentBytes); at -= 1) {
    if (bytes.readUInt32LE(at) === endMark && at + endBytes + bytes.readUInt16LE(at + 20) === bytes.length)
      return at;
  }
  return null;
}

function entriesFrom(
  bytes: Buffer,
  { start, end, count }: { readonly start: number; readonly end: number; readonly count: number },
): readonly ArchiveEntry[] | null {
  const entries: ArchiveEntry[] = [];
  const places: { readonly from: number; readonly to: number }[] = [];
  let at = start;
  for (let i = 0; i < count; i += 1) {
    if (at + entryBytes > end || bytes.readUInt32LE(at) !== entryMark) return null;
    const flags = bytes.readUInt16LE(at + 8);
    const packed = bytes.readUInt32LE(at + 20);
    const unpacked = bytes.readUInt32LE(at + 24);
    const nameLength = bytes.readUInt16LE(at + 28);
    const rest = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    const local = bytes.readUInt32LE(at + 42);
    const next = at + entryBytes + nameLength + rest;
    if (next > end || local + 30 > start || bytes.readUInt32LE(local) !== localMark) return null;
    const name = bytes.toString("utf8", at + entryBytes, at + entryBytes + nameLength);
    entries.push({ name, packed, unpacked, encrypted: (flags & 1) === 1 });
    const head = 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    places.push({ from: local, to: local + head + packed });
    at = next;
  }
  return at === end && apart(places, start) ? entries : null;
}

/** Entries that share bytes are how a small file becomes an endless one. */
function apart(places: readonly { readonly from: number; readonly to: number }[], end: number): boolean {
  const sorted = [...places].sort((a, b) => a.from - b.from);
  return sorted.every(({ to }, index) => to <= (sorted[index + 1]?.from ?? end));
}
