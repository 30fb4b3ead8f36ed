import { createHash } from "node:crypto";
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
    this.#file.write(toText(line));
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

/** A line of a history. Of a long text its length and a digest are kept, by which it can still be compared. */
export function toText(line: Line): string {
  return `${JSON.stringify(line, (_, value: unknown) =>
    typeof value === "string" && value.length > longText ? digestOf(value) : value,
  )}\n`;
}

const longText = 1_000;

function digestOf(text: string): string {
  return `${text.slice(0, 20)}… (${text.length}, ${createHash("sha256").update(text).digest("hex").slice(0, 16)})`;
}

/** Milliseconds; processes of one machine agree on it to a few. */
export function recordingTime(): number {
  return performance.timeOrigin + performance.now();
}
