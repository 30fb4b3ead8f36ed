import { createSocket } from "node:dgram";

const headerBytes = 12;
const typeA = 1;
const answered = 0x8180;
const noSuchName = 3;

/** A name service of the test's own, in the place of the one that Docker has for containers. */
export interface Names {
  /** For nginx's `resolver`. */
  readonly address: string;
  /** From now on the name has these IPv4 addresses; without any it does not exist. */
  set(name: string, addresses: readonly string[]): void;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export async function startNames(): Promise<Names> {
  const known = new Map<string, readonly string[]>();
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => socket.send(answer(query, known), from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    set: (name, addresses) => void known.set(name, addresses),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** RFC 1035, as far as one question for addresses needs it. */
function answer(query: Buffer, known: ReadonlyMap<string, readonly string[]>): Buffer {
  const { name, end } = readName(query);
  const addresses = known.get(name) ?? [];
  const records = query.readUInt16BE(end) === typeA ? addresses.map(record) : [];
  const header = Buffer.from(query.subarray(0, headerBytes));
  header.writeUInt16BE(answered | (addresses.length === 0 ? noSuchName : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  const question = query.subarray(headerBytes, end + 4);
  return Buffer.concat([header, question, ...records]);
}

function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length).toLowerCase());
    at += 1 + length;
  }
  return { name: labels.join("."), end: at + 1 };
}

/** The question's name, type A, class IN, for a second. */
function record(address: string): Buffer {
  return Buffer.from([
    0xc0,
    headerBytes,
    0,
    typeA,
    0,
    1,
    0,
    0,
    0,
    1,
    0,
    4,
    ...address.split(".").map(Number),
  ]);
}
