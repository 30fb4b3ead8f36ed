import { z } from "zod";
import type { FinishPlan, PlannedSegment } from "../../core/domain/recording/manifest.ts";
import {
  type RoomVault,
  recordingNames,
  SpoiltObject,
  type TrackHeader,
} from "../../core/platform/objects/vault.ts";
import { mediaSlots } from "../../core/protocol/mediasoup.ts";

/** A track as its recorder left it. */
export interface StoredTrack {
  readonly segment: PlannedSegment;
  readonly track: string;
  readonly header: TrackHeader;
}

const trackHeader = z.object({
  person: z.string().nullable(),
  slots: z.array(z.enum(mediaSlots)),
  mime: z.string(),
  startedAt: z.number(),
}) satisfies z.ZodType<TrackHeader>;

/** What there is of a recording, and what there is not, in words for operators. */
export async function storedTracks(
  vault: RoomVault,
  { recording, segments }: FinishPlan,
): Promise<{ readonly tracks: readonly StoredTrack[]; readonly faults: readonly string[] }> {
  const tracks: StoredTrack[] = [];
  const faults: string[] = [];
  for (const segment of segments) {
    const names = await vault.list(recordingNames.segment(recording, segment.segment));
    const found = [...new Set(names.flatMap((name) => name.split("/")[2] ?? []))];
    if (found.length === 0) faults.push(`nothing was kept of segment ${segment.segment}`);
    for (const track of found) {
      const gap = gapIn(names.filter((name) => name.split("/")[2] === track));
      if (gap) faults.push(`track ${track} of segment ${segment.segment} has a gap ${gap}`);
      const head = await whole(vault, recordingNames.header(recording, segment.segment, track));
      if (head === "spoilt")
        faults.push(`the beginning of track ${track} of segment ${segment.segment} was changed by somebody`);
      else if (head) tracks.push({ segment, track, header: trackHeader.parse(JSON.parse(head.toString())) });
      else faults.push(`track ${track} of segment ${segment.segment} has no beginning`);
    }
  }
  return { tracks, faults };
}

/** Where the numbers of a track's chunks are not one after the other; null: nowhere. */
function gapIn(names: readonly string[]): string | null {
  const chunks = names.flatMap((name) => /\/(\d+)$/.exec(name)?.[1] ?? []).sort();
  const before = chunks.findIndex((digits, index) => Number(digits) !== index);
  return before < 0 ? null : `after ${before} of its ${chunks.length} pieces`;
}

/** Up to the first that is missing, or was changed, which is told: what comes after it cannot be played. */
export async function* chunksOf(
  vault: RoomVault,
  recording: string,
  { segment: { segment }, track }: StoredTrack,
  spoilt: (index: number) => unknown,
): AsyncGenerator<Buffer> {
  for (let index = 0; ; index += 1) {
    const chunk = await whole(vault, recordingNames.chunk(recording, segment, track, index));
    if (chunk === "spoilt") spoilt(index);
    if (chunk === null || chunk === "spoilt") return;
    yield chunk;
  }
}

/** An object as it was put; null: there is none. */
export async function whole(vault: RoomVault, name: string): Promise<Buffer | "spoilt" | null> {
  try {
    return await vault.get(name);
  } catch (error) {
    if (error instanceof SpoiltObject) return "spoilt";
    throw error;
  }
}
