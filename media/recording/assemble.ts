import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { FinishPlan, Made, RecordedFile } from "../../core/domain/recording/manifest.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import { compose, remux } from "./compose.ts";
import type { Playable, Scene } from "./compose-plan.ts";
import { type Ffmpeg, type FindFfmpeg, probe } from "./ffmpeg.ts";
import { writeParts } from "./part-writer.ts";
import type { Assemble } from "./recording-service.ts";
import { chunksOf, type StoredTrack, storedTracks } from "./stored-tracks.ts";
import { inWorkFolder, sweepWorkFolders } from "./work-folder.ts";

const extensions: Readonly<Record<string, string>> = {
  "video/webm": "webm",
  "audio/webm": "webm",
  "video/x-matroska": "mkv",
  "video/mp4": "mp4",
  "audio/ogg": "ogg",
};

/** A time in a file that is later than this is by the clock (s). */
const byTheClock = 1e9;

/** A file that is yet to be put into the vault. */
interface Loose extends Omit<RecordedFile, "name" | "bytes" | "sha256"> {
  readonly path: string;
  readonly label: string;
  readonly extension: string;
}

/**
 * Makes the files of a recording: each track, so that players know how long it is; and where there are several, one of all of them, which
 * comes first. Without ffmpeg, and where a track cannot be read, it stays as it came. The same tracks make the same files.
 */
export function createAssembler(findFfmpeg: FindFfmpeg): Assemble {
  void sweepWorkFolders();
  return (vault, plan) =>
    inWorkFolder(async (folder) => {
      const ffmpeg = await findFfmpeg();
      const { tracks, faults } = await storedTracks(vault, plan);
      const loose: Loose[] = [];
      const playable: { readonly segment: number; readonly track: Playable }[] = [];
      const wrong = [...faults];
      if (!ffmpeg && tracks.length > 0) wrong.push("ffmpeg is not here: the tracks are as they came");
      for (const [index, stored] of tracks.entries()) {
        const extension = extensions[stored.header.mime] ?? "bin";
        const came = join(folder, `came-${index}.${extension}`);
        const fault = await writeTrack(vault, plan, stored, came);
        if (fault !== null) wrong.push(`${nameOf(stored)} ${fault}`);
        if ((await stat(came)).size === 0) continue;
        const read = ffmpeg && (await readTrack(ffmpeg, stored, came).catch(() => null));
        if (read) playable.push({ segment: stored.segment.segment, track: read.playable });
        else if (ffmpeg) wrong.push(`${nameOf(stored)} cannot be read: it is as it came`);
        loose.push(read ? read.loose : asItCame(stored, came));
      }
      if (ffmpeg && playable.length > 1) {
        const together = await composed(ffmpeg, plan, playable, folder).catch(() => null);
        if (together) loose.unshift(together);
        else wrong.push("the tracks could not be put together");
      }
      const files: RecordedFile[] = [];
      for (const file of loose) files.push(await sealed(vault, plan.recording, file));
      return { files, fault: wrong.length > 0 ? wrong.join("; ") : null } satisfies Made;
    });
}

/** Resolves with what is wrong with what there is of it; null: nothing. */
async function writeTrack(
  vault: RoomVault,
  { recording }: FinishPlan,
  stored: StoredTrack,
  path: string,
): Promise<string | null> {
  const spoilt: number[] = [];
  const chunks = chunksOf(vault, recording, stored, (index) => spoilt.push(index));
  const file = createWriteStream(path, { mode: 0o600 });
  await pipeline(chunks, file);
  const [good] = spoilt;
  if (good !== undefined) return `was changed by somebody: it ends after ${good} of its pieces`;
  return file.bytesWritten === 0 ? "is empty" : null;
}

/** Throws where it is nothing that can be played. */
async function readTrack(
  ffmpeg: Ffmpeg,
  stored: StoredTrack,
  came: string,
): Promise<{ readonly loose: Loose; readonly playable: Playable }> {
  const { header, segment } = stored;
  const { start } = await probe(ffmpeg, came);
  const extension = extname(came).slice(1);
  const path = join(dirname(came), `track-${basename(came)}`);
  await remux(ffmpeg, came, path);
  const { audio, video, duration } = await probe(ffmpeg, path);
  const at = start !== null && start > byTheClock ? Math.round(start * 1_000) : header.startedAt;
  const durationMs = Math.round((duration ?? 0) * 1_000);
  const within = (time: number) => Math.min(Math.max(time, segment.from), segment.to);
  const span = { durationMs, from: within(at), to: within(at + durationMs) };
  const { person, mime, slots } = header;
  return {
    loose: { path, extension, label: labelOf(stored), person, mime, ...span },
    playable: { file: path, person, slots, at, audio, video },
  };
}

function asItCame(stored: StoredTrack, path: string): Loose {
  const { segment, header } = stored;
  const from = Math.min(Math.max(header.startedAt, segment.from), segment.to);
  const { person, mime } = header;
  return {
    ...{ path, person, mime, label: labelOf(stored), extension: extensions[mime] ?? "bin" },
    ...{ from, to: segment.to, durationMs: segment.to - from },
  };
}

async function composed(
  ffmpeg: Ffmpeg,
  { segments }: FinishPlan,
  playable: readonly { readonly segment: number; readonly track: Playable }[],
  folder: string,
): Promise<Loose> {
  const scenes = segments
    .map(({ segment, from, to }): Scene => {
      const tracks = playable.filter((one) => one.segment === segment).map(({ track }) => track);
      return { from, to, tracks };
    })
    .filter(({ from, to, tracks }) => to > from && tracks.length > 0);
  const path = await compose(ffmpeg, scenes, folder);
  const { duration, video } = await probe(ffmpeg, path);
  return {
    ...{ path, label: "together", extension: extname(path).slice(1), person: null },
    mime: extname(path) === ".mp4" ? "video/mp4" : video ? "video/webm" : "audio/webm",
    durationMs: Math.round((duration ?? 0) * 1_000),
    from: scenes.at(0)?.from ?? 0,
    to: scenes.at(-1)?.to ?? 0,
  };
}

/** Named after what is in it: what somebody else makes of less at the same time never takes its place. */
async function sealed(
  vault: RoomVault,
  recording: string,
  { path, label, extension, ...facts }: Loose,
): Promise<RecordedFile> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  const name = `${label}-${hash.digest("hex").slice(0, 8)}.${extension}`;
  const written = await writeParts(vault, recording, name, createReadStream(path));
  return { name, ...facts, ...written };
}

function labelOf({ segment: { segment }, track }: StoredTrack): string {
  return `${segment}-${track
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 32)}`;
}

function nameOf({ segment: { segment }, track }: StoredTrack): string {
  return `track ${track} of segment ${segment}`;
}
