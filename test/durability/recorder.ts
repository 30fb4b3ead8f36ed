import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Line } from "../checker/history.ts";

/** Writes observations to a file as they are made, one a line, and keeps count. */
export class Recorder {
  readonly #file: WriteStream;
  readonly #ends = new Map<string, number>();
  #acks = 0;
  #closed = false;

  constructor(path: string) {
    this.#file = createWriteStream(path);
  }

  get acks(): number {
    return this.#acks;
  }

  /** The furthest seq of a room that anyone was told of. */
  endOf(room: string): number {
    return this.#ends.get(room) ?? 0;
  }

  record(line: Line): void {
    if (this.#closed) return;
    if (line.op === "ack") this.#acks += 1;
    if (line.op === "ack") this.#reach(line.room, line.seq);
    if (line.op === "event") this.#reach(line.room, line.event.seq);
    this.#file.write(`${JSON.stringify(line)}\n`);
  }

  #reach(room: string, seq: number): void {
    this.#ends.set(room, Math.max(seq, this.endOf(room)));
  }

  /** What comes later is not recorded. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#file.end();
    await finished(this.#file);
  }
}

/** Milliseconds; processes of one machine agree on it to a few. */
export function recordingTime(): number {
  return performance.timeOrigin + performance.now();
}
