/** Bytes of a message's body. */
export const bodyBytes = 200;

/** Opens every body and occurs nowhere else in what a server sends. */
export const marker = Buffer.from("~fanout~");
const digits = 10;
const runFactor = 10_000_000;

/** A body names its message: which run it belongs to, and its number in it. */
export function bodyTemplate(): string {
  return `${marker}${"0".repeat(digits)} `.padEnd(bodyBytes, "The patient asks whether to go on as before. ");
}

/** A command id as long as a UUID; its digits name the message too. */
export function idTemplate(): string {
  return `${"f".repeat(26)}${"0".repeat(digits)}`;
}

/**
 * A message that is built once and then only renumbered: the digits of its body and id are overwritten in
 * place.
 */
export class MessageTemplate {
  readonly bytes: Buffer;
  readonly #places: readonly number[];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    const zeros = Buffer.from("0".repeat(digits));
    const places: number[] = [];
    for (let at = bytes.indexOf(zeros); at >= 0; at = bytes.indexOf(zeros, at + digits)) places.push(at);
    if (places.length === 0) throw new Error("The template has no place for its number.");
    this.#places = places;
  }

  number(run: number, index: number): Buffer {
    let value = run * runFactor + index;
    for (let digit = digits - 1; digit >= 0; digit--) {
      const code = 48 + (value % 10);
      value = Math.floor(value / 10);
      for (const place of this.#places) this.bytes[place + digit] = code;
    }
    return this.bytes;
  }
}

/** Calls back with the number of every message named in a frame; those of other runs are left out. */
export function readNumbers(
  data: Buffer,
  start: number,
  end: number,
  run: number,
  found: (index: number) => void,
): void {
  for (let at = data.indexOf(marker, start); at >= 0 && at < end; at = data.indexOf(marker, at + bodyBytes)) {
    let value = 0;
    const first = at + marker.length;
    for (let i = first; i < first + digits; i++) value = value * 10 + (data[i] ?? 48) - 48;
    const index = value - run * runFactor;
    if (index >= 0 && index < runFactor) found(index);
  }
}
