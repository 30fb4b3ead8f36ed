import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

/** What a TURN server said to the wish for a relay (RFC 8656): its address and port, or the error's code. */
export type Allocation =
  | { readonly relay: { readonly ip: string; readonly port: number } }
  | { readonly error: number };

const magic = 0x2112a442;
const types = { request: 0x0003, success: 0x0103, refused: 0x0113 } as const;
const attributes = {
  username: 0x0006,
  integrity: 0x0008,
  errorCode: 0x0009,
  realm: 0x0014,
  nonce: 0x0015,
  relayed: 0x0016,
  transport: 0x0019,
} as const;
const udp = Buffer.from([17, 0, 0, 0]);

interface Credentials {
  readonly username: string;
  readonly credential: string;
}

type Attributes = ReadonlyMap<number, Buffer>;

/** Asks for a relay as a browser does: first without credentials, then with the realm and nonce that it was told. */
export async function allocate(port: number, credentials: Credentials): Promise<Allocation> {
  // A nonce is good for the address that it was told to.
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  try {
    return await askForRelay(socket, credentials);
  } finally {
    socket.close();
  }
}

async function askForRelay(socket: Socket, { username, credential }: Credentials): Promise<Allocation> {
  const first = await exchange(socket, encode([[attributes.transport, udp]]));
  const [realm, nonce] = [first.get(attributes.realm), first.get(attributes.nonce)];
  if (!realm || !nonce) return outcome(first);
  const key = createHash("md5").update(`${username}:${realm.toString()}:${credential}`).digest();
  const wish: [number, Buffer][] = [
    [attributes.transport, udp],
    [attributes.username, Buffer.from(username)],
    [attributes.realm, realm],
    [attributes.nonce, nonce],
  ];
  return outcome(await exchange(socket, encode(wish, key)));
}

function outcome(answer: Attributes): Allocation {
  const error = answer.get(attributes.errorCode);
  if (error) return { error: error.readUInt8(2) * 100 + error.readUInt8(3) };
  const relayed = answer.get(attributes.relayed);
  if (!relayed) throw new Error("the server gave neither a relay nor an error");
  const address = relayed.readUInt32BE(4) ^ magic;
  const ip = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
  return { relay: { ip, port: relayed.readUInt16BE(2) ^ (magic >>> 16) } };
}

function encode(list: readonly (readonly [number, Buffer])[], key?: Buffer): Buffer {
  const body = Buffer.concat(list.map(([type, value]) => attribute(type, value)));
  const header = Buffer.alloc(20);
  header.writeUInt16BE(types.request, 0);
  header.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  header.writeUInt32BE(magic, 4);
  randomBytes(12).copy(header, 8);
  const message = Buffer.concat([header, body]);
  if (!key) return message;
  return Buffer.concat([
    message,
    attribute(attributes.integrity, createHmac("sha1", key).update(message).digest()),
  ]);
}

function attribute(type: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(type, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

function decode(message: Buffer): Attributes {
  const found = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    found.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return found;
}

/** Sends again for as long as nothing comes, as UDP may lose it. */
function exchange(socket: Socket, message: Buffer): Promise<Attributes> {
  const send = () => socket.send(message);
  const again = setInterval(send, 500);
  const { promise, resolve, reject } = Promise.withResolvers<Attributes>();
  const hear = (answer: Buffer) => {
    const type = answer.readUInt16BE(0);
    const ours = answer.subarray(8, 20).equals(message.subarray(8, 20));
    if (ours && (type === types.success || type === types.refused)) resolve(decode(answer));
  };
  socket.once("error", reject).on("message", hear);
  send();
  return promise.finally(() => {
    clearInterval(again);
    socket.off("error", reject).off("message", hear);
  });
}
