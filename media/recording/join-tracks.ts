import { z } from "zod";
import type { PlannedSegment, RecordedFile } from "../../core/domain/recording/manifest.ts";
import { type RoomVault, recordingNames, type TrackHeader } from "../../core/platform/objects/vault.ts";
import { writeParts } from "./part-writer.ts";
import type { Assemble } from "./recording-service.ts";

const header = z.object({
  person: z.string().nullable(),
  slots: z.array(z.enum(["audio", "video", "screen"])),
  mime: z.string(),
  startedAt: z.number(),
}) satisfies z.ZodType<TrackHeader>;

const extensions: Readonly<Record<string, string>> = {
  "video/webm": "webm",
  "audio/webm": "webm",
  "video/mp4": "mp4",
  "audio/ogg": "ogg",
};

/** Makes a file of each track of each segment: its chunks, one after the other. */
export const joinTracks: Assemble = async (vault, { recording, segments }) => {
  const files: RecordedFile[] = [];
  const faults: string[] = [];
  for (const segment of segments) {
    const names = await vault.list(recordingNames.segment(recording, segment.segment));
    const tracks = [...new Set(names.flatMap((name) => name.split("/")[2] ?? []))];
    if (tracks.length === 0) faults.push(`nothing was kept of segment ${segment.segment}`);
    for (const track of tracks) {
      const where = `track ${track} of segment ${segment.segment}`;
      const file = await joinTrack(vault, recording, segment, track);
      if (file) files.push(file);
      else faults.push(`${where} has no beginning`);
      const gap = gapIn(names.filter((name) => name.split("/")[2] === track));
      if (gap) faults.push(`${where} has a gap ${gap}`);
    }
  }
  return { files, fault: faults.length === 0 ? null : faults.join("; ") };
};

/** Where the numbers of a track's chunks are not one after the other; null: nowhere. */
function gapIn(names: readonly string[]): string | null {
  const chunks = names.flatMap((name) => /\/(\d+)$/.exec(name)?.[1] ?? []).sort();
  const before = chunks.findIndex((digits, index) => Number(digits) !== index);
  return before < 0 ? null : `after ${before} of its ${chunks.length} pieces`;
}

/** null: it cannot be told what it is. */
async function joinTrack(
  vault: RoomVault,
  recording: string,
  { segment, from, to }: PlannedSegment,
  track: string,
): Promise<RecordedFile | null> {
  const head = await vault.get(recordingNames.header(recording, segment, track));
  if (!head) return null;
  const { person, mime, startedAt } = header.parse(JSON.parse(head.toString()));
  const name = `${segment}-${track}.${extensions[mime] ?? "bin"}`;
  const written = await writeParts(vault, recording, name, chunksOf(vault, recording, segment, track));
  const began = Math.min(Math.max(startedAt, from), to);
  return { name, person, mime, ...written, durationMs: to - began, from: began, to };
}

/** Up to the first that is missing: what comes after it cannot be played. */
export async function* chunksOf(
  vault: RoomVault,
  recording: string,
  segment: number,
  track: string,
): AsyncGenerator<Buffer> {
  for (let index = 0; ; index += 1) {
    const chunk = await vault.get(recordingNames.chunk(recording, segment, track, index));
    if (!chunk) return;
    yield chunk;
  }
}
