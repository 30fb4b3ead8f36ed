import { createHash } from "node:crypto";
import { partBytes, type RoomVault, recordingNames } from "../../core/platform/objects/vault.ts";

export interface Written {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Puts a finished file into the vault, in parts, as it comes: of a long one no more than a part is in memory. */
export async function writeParts(
  vault: RoomVault,
  recording: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
): Promise<Written> {
  const hash = createHash("sha256");
  let waiting: Uint8Array[] = [];
  let held = 0;
  let bytes = 0;
  let index = 0;
  const put = async (size: number): Promise<void> => {
    const all = Buffer.concat(waiting);
    await vault.put(recordingNames.part(recording, name, index), all.subarray(0, size));
    index += 1;
    waiting = [all.subarray(size)];
    held -= size;
  };
  for await (const piece of pieces) {
    hash.update(piece);
    waiting.push(piece);
    held += piece.length;
    bytes += piece.length;
    while (held >= partBytes) await put(partBytes);
  }
  if (held > 0) await put(held);
  return { bytes, sha256: hash.digest("hex") };
}
