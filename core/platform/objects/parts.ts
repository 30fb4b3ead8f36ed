import { DomainError } from "../../domain/errors.ts";
import { numbered, partBytes, type RoomVault } from "./vault.ts";

/** Both are included. */
export interface PartRange {
  readonly first: number;
  readonly last: number;
}

/** Keeps bytes in parts of `partBytes`, so that any of them can be read without the others. */
export async function putParts(vault: RoomVault, folder: string, bytes: Buffer): Promise<void> {
  for (let index = 0; index * partBytes < bytes.length; index += 1) {
    const part = bytes.subarray(index * partBytes, (index + 1) * partBytes);
    await vault.put(`${folder}${numbered(index)}`, part);
  }
}

/** The bytes from `first` to `last`. Throws `unavailable` where one is missing. */
export async function* readParts(
  vault: RoomVault,
  nameOf: (index: number) => string,
  { first, last }: PartRange,
): AsyncGenerator<Buffer> {
  for (let index = Math.floor(first / partBytes); index * partBytes <= last; index += 1) {
    const part = await vault.get(nameOf(index));
    if (!part) throw new DomainError("unavailable");
    const start = index * partBytes;
    yield part.subarray(Math.max(0, first - start), last - start + 1);
  }
}

/** What `putParts` kept. Throws `unavailable` where something is missing. */
export async function readWhole(vault: RoomVault, folder: string, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  const range = { first: 0, last: bytes - 1 };
  for await (const part of readParts(vault, (index) => `${folder}${numbered(index)}`, range))
    parts.push(part);
  return Buffer.concat(parts);
}
