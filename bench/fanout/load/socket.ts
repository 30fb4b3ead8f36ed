import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

/** One buffer for everybody: a chunk is read and handled before the next one is. */
const chunk = Buffer.allocUnsafe(256 * 1024);
const mask = randomBytes(4);
const opcodes = { close: 8, ping: 9, pong: 10 };

/** A frame's payload is `data` from `start` to `end`, valid during the call only. */
export type FrameHandler = (opcode: number, data: Buffer, start: number, end: number) => void;

/**
 * A WebSocket client that costs as little as Node allows: it reads into one shared buffer, hands frames on
 * without copying, and answers pings. It knows no extensions and no fragments.
 */
export class LeanSocket {
  readonly #socket: Socket;
  #rest: Buffer | null = null;
  #upgraded = false;
  #opened: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #handler: FrameHandler | null = null;
  #early: { opcode: number; payload: Buffer }[] = [];
  /** The server's close code; 1006 when the connection just broke. */
  onClose: (code: number) => void = () => undefined;

  private constructor(host: string, port: number) {
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: chunk,
        callback: (length) => {
          this.#read(chunk, length);
          return true;
        },
      },
    });
    const ended = (error?: Error) => {
      this.#opened?.reject(error ?? new Error("The server closed the connection."));
      this.#opened = null;
    };
    this.#socket.on("error", ended);
    this.#socket.on("close", () => {
      ended();
      this.#finish(1006);
    });
  }

  /** Resolves once the server has answered the upgrade. */
  static async open(base: URL, path: string): Promise<LeanSocket> {
    const socket = new LeanSocket(base.hostname, Number(base.port));
    const request = [
      `GET ${path} HTTP/1.1`,
      `Host: ${base.host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
      "Sec-WebSocket-Version: 13",
    ];
    await new Promise<void>((resolve, reject) => {
      socket.#opened = { resolve, reject };
      socket.#socket.write(`${request.join("\r\n")}\r\n\r\n`);
    });
    return socket;
  }

  /** Hands frames to this handler, those first that came while there was none. */
  receive(handler: FrameHandler | null): void {
    this.#handler = handler;
    while (this.#handler) {
      const frame = this.#early.shift();
      if (!frame) return;
      this.#handler(frame.opcode, frame.payload, 0, frame.payload.length);
    }
  }

  /** Sends one frame; the payload is copied. */
  send(opcode: number, payload: Uint8Array): void {
    this.#socket.write(frame(opcode, payload));
  }

  /** Cuts the connection; with a code the server is told so first. */
  close(code?: number): void {
    this.onClose = () => undefined;
    if (code === undefined) {
      this.#socket.destroy();
      return;
    }
    this.#handler = () => undefined;
    const reason = Buffer.alloc(2);
    reason.writeUInt16BE(code);
    this.send(opcodes.close, reason);
    this.#socket.end();
  }

  #finish(code: number): void {
    this.onClose(code);
    this.close();
  }

  #read(data: Buffer, length: number): void {
    if (this.#rest) {
      const joined = Buffer.concat([this.#rest, data.subarray(0, length)]);
      this.#rest = null;
      this.#consume(joined, joined.length);
    } else {
      // Cut to size, so that no search runs on into what an earlier chunk left behind.
      this.#consume(data.subarray(0, length), length);
    }
  }

  #consume(data: Buffer, length: number): void {
    let offset = this.#upgraded ? 0 : this.#finishUpgrade(data, length);
    while (length - offset >= 2) {
      const { start, end } = payloadSize(data, offset, length);
      if (end < 0) break;
      const opcode = (data[offset] ?? 0) & 15;
      if (opcode === opcodes.ping) this.send(opcodes.pong, data.subarray(start, end));
      else if (opcode === opcodes.close) this.#finish(end - start < 2 ? 1005 : data.readUInt16BE(start));
      else this.#deliver(opcode, data, start, end);
      offset = end;
    }
    if (offset < length) this.#rest = Buffer.from(data.subarray(offset, length));
  }

  #deliver(opcode: number, data: Buffer, start: number, end: number): void {
    if (this.#handler) this.#handler(opcode, data, start, end);
    else this.#early.push({ opcode, payload: Buffer.from(data.subarray(start, end)) });
  }

  /** Returns where the first frame starts. */
  #finishUpgrade(data: Buffer, length: number): number {
    const answer = data.toString("latin1", 0, length);
    const end = answer.indexOf("\r\n\r\n");
    if (end < 0) return length;
    if (!answer.startsWith("HTTP/1.1 101")) {
      this.#socket.destroy(new Error(`The upgrade was refused: ${answer.slice(0, answer.indexOf("\r\n"))}`));
      return length;
    }
    this.#upgraded = true;
    this.#opened?.resolve();
    this.#opened = null;
    return end + 4;
  }
}

const size = { start: 0, end: 0 };

/** Where the payload of the frame at `offset` lies; `end` is -1 while it is not all here. */
function payloadSize(data: Buffer, offset: number, length: number): { start: number; end: number } {
  const short = (data[offset + 1] ?? 0) & 127;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  size.start = offset + header;
  size.end = -1;
  if (size.start > length) return size;
  const bytes =
    short < 126 ? short : short === 126 ? data.readUInt16BE(offset + 2) : data.readUInt32BE(offset + 6);
  if (size.start + bytes <= length) size.end = size.start + bytes;
  return size;
}

/** A masked client frame. */
function frame(opcode: number, payload: Uint8Array): Buffer {
  const bytes = payload.length;
  const header = bytes < 126 ? 6 : 8;
  const out = Buffer.allocUnsafe(header + bytes);
  out[0] = 0x80 | opcode;
  out[1] = 0x80 | Math.min(bytes, 126);
  if (bytes >= 126) out.writeUInt16BE(bytes, 2);
  out.set(mask, header - 4);
  for (let i = 0; i < bytes; i++) out[header + i] = (payload[i] ?? 0) ^ (mask[i & 3] ?? 0);
  return out;
}
