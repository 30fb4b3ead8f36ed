import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { PlannedSegment, RecordedFile } from "../../core/domain/recording/manifest.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import { type FindFfmpeg, probe } from "../recording/ffmpeg.ts";
import { writeParts } from "../recording/part-writer.ts";
import { inWorkFolder } from "../recording/work-folder.ts";
import type { ChimeBucket } from "./chime-bucket.ts";

interface Intake {
  readonly bucket: Pick<ChimeBucket, "read">;
  readonly findFfmpeg: FindFfmpeg;
  readonly vault: RoomVault;
  readonly recording: string;
  readonly planned: PlannedSegment;
}

/** Puts a file of the bucket into the vault, as it is, named after what is in it. */
export function takenIn(
  { bucket, findFfmpeg, vault, recording, planned: { segment, from, to } }: Intake,
  key: string,
): Promise<RecordedFile> {
  return inWorkFolder(async (folder) => {
    const path = join(folder, "came.mp4");
    await pipeline(await bucket.read(key), createWriteStream(path, { mode: 0o600 }));
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    const name = `${segment}-amazon-${hash.digest("hex").slice(0, 8)}.mp4`;
    const written = await writeParts(vault, recording, name, createReadStream(path));
    const ffmpeg = await findFfmpeg();
    const probed = ffmpeg && (await probe(ffmpeg, path).catch(() => null));
    const seconds = probed?.duration ?? null;
    const durationMs = seconds === null ? to - from : Math.round(seconds * 1_000);
    const mime = probed && !probed.video ? "audio/mp4" : "video/mp4";
    return { name, person: null, mime, ...written, durationMs, from, to };
  });
}
