import type { MediaConfig } from "../core/platform/config/media.ts";
import type { Logger } from "../core/platform/logger.ts";
import type { Vault } from "../core/platform/objects/vault.ts";
import type { ChimeCaptures } from "../core/platform/repositories/chime-captures.ts";
import { assembleWithChime } from "../media/chime/chime-assemble.ts";
import { createChimeBucket } from "../media/chime/chime-bucket.ts";
import { createChimeConcatenation } from "../media/chime/chime-concatenation.ts";
import { createChimePipelines } from "../media/chime/chime-pipelines.ts";
import { removedFromBucket } from "../media/chime/chime-removal.ts";
import { createAssembler } from "../media/recording/assemble.ts";
import type { FindFfmpeg } from "../media/recording/ffmpeg.ts";
import { createRecordingService, type RecordingService } from "../media/recording/recording-service.ts";
import type { Closing } from "./closing.ts";

interface Parts {
  readonly vault: Vault;
  readonly findFfmpeg: FindFfmpeg;
  readonly captures: ChimeCaptures;
  readonly log: Logger;
}

/** What makes the files of recordings, of whatever recorded them. */
export function openRecordings(
  { chime }: MediaConfig,
  { vault, findFfmpeg, captures, log }: Parts,
  { later }: Closing,
): RecordingService {
  const assemble = createAssembler(findFfmpeg);
  if (!chime?.recording) return createRecordingService(vault, assemble);
  const { recording } = chime;
  const pipelines = createChimePipelines(recording);
  const bucket = createChimeBucket(recording);
  later(() => pipelines.dispose());
  later(() => bucket.dispose());
  const concatenation = createChimeConcatenation(recording.bucket, pipelines, captures);
  const withChime = assembleWithChime(assemble, { ...concatenation, bucket, findFfmpeg });
  return removedFromBucket(createRecordingService(vault, withChime), recording.bucket, { bucket, log });
}
