import { crc32 } from "node:zlib";

export interface Entry {
  readonly name: string;
  readonly content?: string;
  /** What it says that it becomes. */
  readonly unpacked?: number;
  readonly encrypted?: boolean;
  /** Where it says that it is. */
  readonly at?: number;
}

/** A ZIP whose entries are stored as they are, and say what they are told to. */
export function zip(entries: readonly Entry[], { comment = "" } = {}): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, content = "x", unpacked, encrypted = false, at: claimed } of entries) {
    const body = Buffer.from(content);
    const title = Buffer.from(name);
    const sizes = Buffer.alloc(16);
    sizes.writeUInt32LE(crc32(body), 0);
    sizes.writeUInt32LE(body.length, 4);
    sizes.writeUInt32LE(unpacked ?? body.length, 8);
    sizes.writeUInt16LE(title.length, 12);
    const flags = encrypted ? 1 : 0;
    const local = Buffer.concat([
      Buffer.of(0x50, 0x4b, 3, 4, 20, 0, flags, 0, 0, 0, 0, 0, 0, 0),
      sizes,
      title,
      body,
    ]);
    const place = Buffer.alloc(4);
    place.writeUInt32LE(claimed ?? at);
    central.push(
      Buffer.concat([
        Buffer.of(0x50, 0x4b, 1, 2, 20, 0, 20, 0, flags, 0, 0, 0, 0, 0, 0, 0),
        sizes,
        Buffer.alloc(10),
        place,
        title,
      ]),
    );
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...locals, directory, end, Buffer.from(comment)]);
}

export const docx: readonly Entry[] = [
  { name: "[Content_Types].xml", content: "<Types/>" },
  { name: "word/document.xml", content: "<w:document/>" },
];

/** A picture of nothing that says it is so large. */
export function hugePng(side: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 8;
  const mark = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    mark,
    chunk("IHDR", head),
    chunk("IDAT", Buffer.of(0x78, 0x9c, 0, 0)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}
