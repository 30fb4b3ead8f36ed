import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";

export interface RtpPorts {
  readonly port: number;
  readonly rtcpPort: number;
}

const loopback = "127.0.0.1";
const tries = 200;
/**
 * Below what any system gives to sockets that ask for no certain port (Linux from 32768, others from 49152, RFC 6335):
 * between our look and ffmpeg's opening it, no such socket can come into the way.
 */
const lowest = 10_000;
const highest = 32_766;
/** A port that nobody listens on says so within this time. */
const refusedMs = 40;
const pauseMs = 10;
/** Less than ffmpeg waits before it takes silence for the end. */
const beatMs = 2_500;

/** Ports of this machine for one recorder each: none is given twice at a time. */
export class RtpPortPool {
  readonly #given = new Set<number>();

  /** Two, an even one and the next (RFC 3550, 11), that were free a moment ago. */
  async take(): Promise<RtpPorts> {
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const port = 2 * randomInt(lowest / 2, highest / 2 + 1);
      if (this.#given.has(port)) continue;
      this.#given.add(port);
      if ((await isFree(port)) && (await isFree(port + 1))) return { port, rtcpPort: port + 1 };
      this.#given.delete(port);
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
  while (performance.now() < end) {
    if (await isHeard(port)) return;
    await delay(pauseMs);
  }
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
    const late = delay(refusedMs, true);
    return await Promise.race([late, refused.then(() => false)]);
  } finally {
    socket.close();
  }
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.bind(port, loopback);
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}
