import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

export interface RtpPorts {
  readonly port: number;
  readonly rtcpPort: number;
}

const loopback = "127.0.0.1";
const tries = 50;
/** A port that nobody listens on says so within this time. */
const refusedMs = 40;
/** Less than ffmpeg waits before it takes silence for the end. */
const beatMs = 2_500;

/** Ports of this machine for one recorder each: none is given twice at a time. */
export class RtpPortPool {
  readonly #given = new Set<number>();

  /** Two, one after the other, that were free a moment ago. */
  async take(): Promise<RtpPorts> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const first = await bound(0);
      const port = first?.address().port ?? 0;
      const second = port > 0 && port < 65_535 ? await bound(port + 1) : null;
      for (const socket of [first, second]) socket?.close();
      if (!first || !second || this.#given.has(port)) continue;
      this.#given.add(port);
      return { port, rtcpPort: port + 1 };
    }
    throw new Error("no two UDP ports are free on this machine");
  }

  giveBack({ port }: RtpPorts): void {
    this.#given.delete(port);
  }
}

/** Resolves once somebody listens there. Throws when nobody does in time. */
export async function untilHeard(port: number, withinMs: number): Promise<void> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) if (await isHeard(port)) return;
  throw new Error("nobody takes in what is to be recorded");
}

/** Lets whoever receives there know that we still run, until what is returned is called. */
export function beat({ rtcpPort }: RtpPorts): () => void {
  const socket = createSocket("udp4");
  socket.unref();
  const beating = setInterval(() => socket.send(Buffer.of(0), rtcpPort, loopback, () => {}), beatMs);
  beating.unref();
  return () => {
    clearInterval(beating);
    socket.close();
  };
}

/** Says to whoever receives RTP that the sender has ended (RFC 3550, 6.6). */
export async function sayBye({ rtcpPort }: RtpPorts): Promise<void> {
  const bye = Buffer.from([0x81, 203, 0, 2, 0, 0, 0, 1, 3, 0x65, 0x6e, 0x64]);
  const socket = createSocket("udp4");
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.send(bye, rtcpPort, loopback, () => resolve());
  await promise;
  socket.close();
}

/** The system refuses what is sent to a port of this machine that nobody has opened. What is sent here is too short to mean anything. */
async function isHeard(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  const refused = once(socket, "error").catch(() => {});
  try {
    socket.connect(port, loopback);
    await once(socket, "connect");
    socket.send(Buffer.of(0));
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, refusedMs, true));
    return await Promise.race([late, refused.then(() => false)]);
  } finally {
    socket.close();
  }
}

/** null: it is taken. */
async function bound(port: number): Promise<Socket | null> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port, loopback);
    await once(socket, "listening");
    return socket;
  } catch {
    socket.close();
    return null;
  }
}
