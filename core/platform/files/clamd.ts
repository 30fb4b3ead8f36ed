import { connect, type Socket } from "node:net";
import { DomainError } from "../../domain/errors.ts";

export type Finding = "clean" | "malware" | "too_large";

/** Looks for viruses. */
export interface Scanner {
  /** Throws `unavailable` when it cannot be asked: ask again later. */
  scan(bytes: Uint8Array): Promise<Finding>;
}

/** How long to wait for a connection, and then for the verdict (ms). */
export interface ScannerPatience {
  readonly connectMs: number;
  readonly answerMs: number;
}

const usualPatience: ScannerPatience = { connectMs: 3_000, answerMs: 55_000 };
const chunkBytes = 64 * 1024;
/** Whatever speaks longer is no clamd. */
const answerBytes = 4_096;

/**
 * clamd by its own protocol: `INSTREAM` sends the bytes over the connection, in chunks that begin with their length (big-endian), and ends
 * with an empty one. `address`: `host:port`, or the path of its socket. What clamd refuses for its length (`StreamMaxLength`) is `too_large`.
 *
 * Source: clamd(8)
 */
export function createClamd(address: string, patience: ScannerPatience = usualPatience): Scanner {
  return {
    scan: async (bytes) => {
      try {
        return verdictOf(await ask(address, bytes, patience));
      } catch (cause) {
        throw new DomainError("unavailable", undefined, { cause });
      }
    },
  };
}

function verdictOf(answer: string): Finding {
  if (/^stream: OK$/.test(answer)) return "clean";
  if (/^stream: .* FOUND$/.test(answer)) return "malware";
  if (/size limit exceeded/i.test(answer)) return "too_large";
  throw new Error(`clamd answered: ${answer.slice(0, 200)}`);
}

function ask(address: string, bytes: Uint8Array, patience: ScannerPatience): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dial(address);
    const fail = (why: string): void => void socket.destroy(new Error(why));
    let timer = setTimeout(() => fail("clamd took no connection in time"), patience.connectMs);
    let answer = "";
    socket.once("connect", () => {
      clearTimeout(timer);
      timer = setTimeout(() => fail("clamd gave no verdict in time"), patience.answerMs);
      // It may have said no, and closed, before it has read everything: then the answer counts.
      void send(socket, bytes).catch(() => undefined);
    });
    socket.on("data", (data: Buffer) => {
      answer += data.toString("utf8");
      if (answer.length > answerBytes) return fail("this is no clamd");
      const end = answer.indexOf("\0");
      if (end < 0) return;
      resolve(answer.slice(0, end));
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => {
      clearTimeout(timer);
      reject(new Error("clamd closed the connection"));
    });
  });
}

function dial(address: string): Socket {
  if (address.startsWith("/")) return connect(address);
  const at = address.lastIndexOf(":");
  return connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
}

async function send(socket: Socket, bytes: Uint8Array): Promise<void> {
  socket.write("zINSTREAM\0");
  for (let from = 0; from < bytes.length; from += chunkBytes) {
    const chunk = bytes.subarray(from, from + chunkBytes);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    socket.write(length);
    if (!socket.write(chunk)) await drained(socket);
  }
  socket.write(Buffer.alloc(4));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off("drain", settle).off("close", settle);
      if (socket.destroyed) reject(new Error("closed"));
      else resolve();
    };
    socket.on("drain", settle).on("close", settle);
  });
}
