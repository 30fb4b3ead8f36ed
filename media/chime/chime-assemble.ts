import { DomainError } from "../../core/domain/errors.ts";
import type { FinishPlan, PlannedSegment, RecordedFile } from "../../core/domain/recording/manifest.ts";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import type { FindFfmpeg } from "../recording/ffmpeg.ts";
import type { Assemble } from "../recording/recording-service.ts";
import { type ChimeBucket, isRefused } from "./chime-bucket.ts";
import type { ChimeConcatenation } from "./chime-concatenation.ts";
import { faultWords } from "./chime-files.ts";
import { takenIn } from "./chime-intake.ts";

export interface ChimeAssembleParts extends ChimeConcatenation {
  readonly bucket: Pick<ChimeBucket, "list" | "read">;
  readonly findFfmpeg: FindFfmpeg;
}

/** What came of one segment. `words`: what is wrong with it. */
interface Taken {
  readonly files: readonly RecordedFile[];
  readonly words: readonly string[];
}

/**
 * Has Amazon make one file of each segment that it has recorded, and takes that into the vault: from then on it is a file as all others,
 * with its checksum, for as long as the recording is kept. What cannot be had stays in the clinic's bucket, and the manifest says where.
 * `assemble` makes the files of everything else.
 */
export function assembleWithChime(assemble: Assemble, parts: ChimeAssembleParts): Assemble {
  return async (vault, plan) => {
    const elsewhere = plan.segments.filter(({ backend }) => backend === "chime");
    // All of them are made beside each other.
    const states = await Promise.all(elsewhere.map((one) => stateOf(parts, plan, one)));
    if (states.includes("running")) throw new DomainError("busy");
    const taken: Taken[] = [];
    for (const [index, segment] of elsewhere.entries()) {
      const state = states[index];
      taken.push(state === "none" ? nothing(segment) : await take(parts, vault, plan, segment));
    }
    const segments = plan.segments.filter((one) => !elsewhere.includes(one));
    const made = await assemble(vault, { ...plan, segments });
    const words = [...(made.fault === null ? [] : [made.fault]), ...taken.flatMap((one) => one.words)];
    return {
      files: [...made.files, ...taken.flatMap(({ files }) => files)],
      fault: words.length === 0 ? null : words.join("; "),
    };
  };
}

function nothing({ segment }: PlannedSegment): Taken {
  return { files: [], words: [`nothing was captured of segment ${segment}`] };
}

/** How far the one file of a segment is; `none`: Amazon has nothing of it. Where Amazon refuses to make it, the parts are there all the same. */
async function stateOf(
  { concatenate, concatenated }: ChimeConcatenation,
  { recording }: FinishPlan,
  { segment }: PlannedSegment,
): Promise<"none" | "running" | "over"> {
  try {
    const name = await concatenate({ recording, segment });
    if (name === null) return "none";
    return (await concatenated(name)) === "running" ? "running" : "over";
  } catch (error) {
    if (isRefused(error)) return "over";
    throw error;
  }
}

async function take(
  { chimeFiles, bucket, findFfmpeg }: ChimeAssembleParts,
  vault: RoomVault,
  { recording }: FinishPlan,
  planned: PlannedSegment,
): Promise<Taken> {
  const { segment } = planned;
  const files = chimeFiles({ recording, segment });
  const where = `what Amazon has of it is in the bucket ${files.bucket} under ${files.captured}`;
  try {
    const listed = [...(await bucket.list(files.captured)), ...(await bucket.list(files.whole))];
    const words = faultWords(files, listed);
    const wholes = listed.filter(({ key }) => key.startsWith(files.whole));
    const taken: RecordedFile[] = [];
    for (const { key } of wholes) {
      taken.push(await takenIn({ bucket, findFfmpeg, vault, recording, planned }, key));
    }
    return {
      files: taken,
      words: words.length === 0 ? [] : [`segment ${segment}: ${words.join(", ")}; ${where}`],
    };
  } catch (error) {
    if (!isRefused(error)) throw error;
    return { files: [], words: [`segment ${segment}: we may not read the bucket; ${where}`] };
  }
}
