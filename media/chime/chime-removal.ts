import { DomainError } from "../../core/domain/errors.ts";
import type { Logger } from "../../core/platform/logger.ts";
import type { RecordingService } from "../recording/recording-service.ts";
import { type ChimeBucket, isRefused } from "./chime-bucket.ts";
import { recordingPath } from "./chime-files.ts";

/** What Amazon has written of a recording goes with it. Where we may not delete it, the log says so, and ours goes all the same. */
export function removedFromBucket(
  service: RecordingService,
  sink: string,
  { bucket, log }: { readonly bucket: Pick<ChimeBucket, "remove">; readonly log: Logger },
): RecordingService {
  return {
    ...service,
    remove: async (from, recording) => {
      try {
        await bucket.remove(recordingPath(sink, recording));
      } catch (cause) {
        if (!isRefused(cause)) throw new DomainError("unavailable", undefined, { cause });
        log.error(
          { err: cause },
          "what Amazon has written of a recording could not be deleted from the bucket",
        );
      }
      await service.remove(from, recording);
    },
  };
}
