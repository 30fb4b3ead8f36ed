import { DomainError } from "../../domain/errors.ts";
import { type PartRange, readParts } from "./parts.ts";
import { browserTrack, type RoomVault, recordingNames, type TrackHeader } from "./vault.ts";

/** The bytes of a finished file from `first` to `last`, both included. Throws `unavailable` where one is missing. */
export function readFile(
  vault: RoomVault,
  recording: string,
  name: string,
  range: PartRange,
): AsyncGenerator<Buffer> {
  return readParts(vault, (index) => recordingNames.part(recording, name, index), range);
}

/** Where a piece of what a browser records belongs. `from`: when it was to begin. */
export interface Piece {
  readonly recording: string;
  readonly segment: number;
  readonly index: number;
  readonly from: number;
}

/** Keeps a piece. A repeat does nothing more; another one in its place is a `command_conflict`. */
export async function keepPiece(vault: RoomVault, piece: Piece, bytes: Buffer): Promise<void> {
  const { recording, segment, index, from } = piece;
  const name = recordingNames.chunk(recording, segment, browserTrack, index);
  const known = await vault.get(name);
  if (known && !known.equals(bytes)) throw new DomainError("command_conflict");
  if (known) return;
  if (index === 0) {
    const header: TrackHeader = {
      person: null,
      slots: ["audio", "video"],
      mime: mimeOf(bytes),
      startedAt: from,
    };
    await vault.put(
      recordingNames.header(recording, segment, browserTrack),
      Buffer.from(JSON.stringify(header)),
    );
  }
  await vault.put(name, bytes);
}

/** What browsers record is WebM, which begins with an EBML header, or MP4, which begins with a box `ftyp`. */
function mimeOf(bytes: Buffer): string {
  if (bytes.subarray(0, 4).equals(Buffer.of(0x1a, 0x45, 0xdf, 0xa3))) return "video/webm";
  return bytes.toString("latin1", 4, 8) === "ftyp" ? "video/mp4" : "application/octet-stream";
}
