import { DomainError } from "../../core/domain/errors.ts";
import type { ChimeCaptures } from "../../core/platform/repositories/chime-captures.ts";
import type { Segment } from "../recorder.ts";
import { type ChimeFiles, chimeFiles, wholeSinkOf } from "./chime-files.ts";
import type { ChimePipelines } from "./chime-pipelines.ts";

/** The last step of a recording over Amazon Chime: one file a segment. Everything may be asked again. */
export interface ChimeConcatenation {
  /** Where a segment's files are. */
  chimeFiles(segment: Segment): ChimeFiles;
  /**
   * Has one file made of a segment that has ended. Resolves with the name to ask for; null: nothing of it was captured.
   * Throws `busy` while it still runs.
   */
  concatenate(segment: Segment): Promise<string | null>;
  /** How far it is. Once it is done, `fileFaults` says whether all of it is there. */
  concatenated(name: string): Promise<"running" | "done" | "failed">;
}

export function createChimeConcatenation(
  bucket: string,
  pipelines: ChimePipelines,
  captures: Pick<ChimeCaptures, "find">,
): ChimeConcatenation {
  return {
    chimeFiles: (segment) => chimeFiles(bucket, segment),
    concatenate: async (segment) => {
      const capture = await captures.find(segment);
      if (!capture?.arn) return null;
      if (!capture.ended) throw new DomainError("busy");
      return pipelines.concatenate(capture.arn, wholeSinkOf(bucket, segment));
    },
    concatenated: pipelines.concatenated,
  };
}
