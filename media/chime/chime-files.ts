import type { Segment } from "../recorder.ts";

/** Where the files of a segment are, in the clinic's own bucket. */
export interface ChimeFiles {
  readonly bucket: string;
  /** Under it, in `composited-video/` and `audio/`: parts of up to five seconds, as Amazon took them in. */
  readonly captured: string;
  /** The same for one file of all of them, once `concatenate` has made it. */
  readonly whole: string;
}

/** An object in the bucket, as it is listed. */
export interface StoredObject {
  readonly key: string;
  readonly size: number;
}

/** Something of a segment that is not as it should be. */
export interface FileFault {
  readonly folder: (typeof folders)[number];
  /** `hole`: parts are missing between others; `missing`: no one file; `short`: it is smaller than what went into it. */
  readonly what: "hole" | "missing" | "short";
}

export const folders = ["composited-video", "audio"] as const;
/** Between the beginnings of two parts there are five seconds; more than this is a hole (ms). */
const holeMs = 8_000;
/** One file has less around its pictures and sounds than many; less than this share of them has lost some. */
const leastShare = 0.8;
const partTime = /(\d{4})-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d\d)-(\d{3})[^/]*\.mp4$/;

/** The ARN under which the parts of a segment go. */
export function sinkOf(bucket: string, { recording, segment }: Segment): string {
  return `${bucket}/${recording}/${segment}`;
}

/** And the one file of it. */
export function wholeSinkOf(bucket: string, segment: Segment): string {
  return `${sinkOf(bucket, segment)}-whole`;
}

/** Everything of a recording is under it. */
export function recordingPath(bucket: string, recording: string): string {
  return pathOf(`${bucket}/${recording}/`);
}

function pathOf(arn: string): string {
  return arn.slice(arn.indexOf("/") + 1);
}

/** `bucket`: as it is configured. */
export function chimeFiles(bucket: string, segment: Segment): ChimeFiles {
  const [name = ""] = bucket.replace(/^arn:[^:]+:s3:::/, "").split("/");
  return {
    bucket: name,
    captured: `${pathOf(sinkOf(bucket, segment))}/`,
    whole: `${pathOf(wholeSinkOf(bucket, segment))}/`,
  };
}

/**
 * Concatenation is known to lose parts: compares what it made with what was captured, as both are listed in the bucket. Nothing
 * may be deleted of what was captured while this names a fault.
 */
export function fileFaults(
  { captured, whole }: Pick<ChimeFiles, "captured" | "whole">,
  listed: readonly StoredObject[],
): readonly FileFault[] {
  return folders.flatMap((folder): FileFault[] => {
    const under = (path: string) => listed.filter(({ key }) => key.startsWith(`${path}${folder}/`));
    const parts = under(captured);
    const [file] = under(whole);
    if (parts.length === 0) return folder === "composited-video" ? [{ folder, what: "missing" }] : [];
    const bytes = parts.reduce((sum, { size }) => sum + size, 0);
    const holes: FileFault[] = hasHole(parts) ? [{ folder, what: "hole" }] : [];
    if (!file) return [...holes, { folder, what: "missing" }];
    return file.size < bytes * leastShare ? [...holes, { folder, what: "short" }] : holes;
  });
}

/** The same in words for operators. */
export function faultWords(
  files: Pick<ChimeFiles, "captured" | "whole">,
  listed: readonly StoredObject[],
): readonly string[] {
  return fileFaults(files, listed).map(({ folder, what }) => `${folder} ${meanings[what]}`);
}

const meanings: Readonly<Record<FileFault["what"], string>> = {
  hole: "has a hole between its parts",
  missing: "is not made one file",
  short: "has lost some of its parts in the one file",
};

function hasHole(parts: readonly StoredObject[]): boolean {
  const times = parts.map(({ key }) => timeOf(key)).toSorted((a, b) => a - b);
  return times.some((time, at) => at > 0 && time - (times[at - 1] ?? time) > holeMs);
}

/** When a part begins, by its name. */
function timeOf(key: string): number {
  const [, year, month, day, hour, minute, second, ms] = (partTime.exec(key) ?? []).map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
}
