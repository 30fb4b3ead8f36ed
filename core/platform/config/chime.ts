import { z } from "zod";
import { awsRegion, flag, webUrl } from "./values.ts";

const s3Folder = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:s3:::[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]+)*$/,
    "the ARN of a bucket, with a path where there is one: arn:aws:s3:::clinic-recordings/visits",
  );

/** What Amazon Transcribe writes down live; `auto`: it finds out by itself. */
const transcriptions = [
  ...["auto", "de-DE", "en-AU", "en-GB", "en-US", "es-US", "fr-CA", "fr-FR"],
  ...["hi-IN", "it-IT", "ja-JP", "ko-KR", "pt-BR", "th-TH", "zh-CN"],
] as const;

export const chimeSettings = z.object({
  CHIME_REGION: awsRegion.optional(),
  CHIME_MEDIA_REGION: awsRegion.optional(),
  CHIME_ENDPOINT: webUrl.optional(),
  CHIME_ECHO_REDUCTION: flag.default(false),
  CHIME_TRANSCRIPTION: z.enum(transcriptions).optional(),
  CHIME_RECORDING_BUCKET: s3Folder.optional(),
  CHIME_RECORDING_REGION: awsRegion.optional(),
  CHIME_RECORDING_ENDPOINT: webUrl.optional(),
});

export type ChimeSettings = z.infer<typeof chimeSettings>;

/** The credentials are looked for where the AWS SDK looks for them. */
export interface ChimeConfig {
  /** Where meetings are made. */
  readonly region: string;
  /** Where they run; null: in the region that is nearest to this process. */
  readonly mediaRegion: string | null;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
  /** Meetings allow their browsers Amazon's echo reduction. */
  readonly echoReduction: boolean;
  /** What is said in meetings is written down in this language; null: it is not. */
  readonly transcription: (typeof transcriptions)[number] | null;
  /** null: nothing is recorded by Amazon. */
  readonly recording: ChimeRecordingConfig | null;
}

/** Amazon's media pipelines. */
export interface ChimeRecordingConfig {
  /** The ARN of a bucket of the clinic's own, and a path in it where there is one. */
  readonly bucket: string;
  /** Where pipelines are made. */
  readonly region: string;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
}

export function chimeConfig(e: ChimeSettings): ChimeConfig | null {
  if (e.CHIME_REGION === undefined) return null;
  return {
    region: e.CHIME_REGION,
    mediaRegion: e.CHIME_MEDIA_REGION ?? null,
    endpoint: e.CHIME_ENDPOINT ?? null,
    echoReduction: e.CHIME_ECHO_REDUCTION,
    transcription: e.CHIME_TRANSCRIPTION ?? null,
    recording: e.CHIME_RECORDING_BUCKET
      ? {
          bucket: e.CHIME_RECORDING_BUCKET,
          region: e.CHIME_RECORDING_REGION ?? e.CHIME_REGION,
          endpoint: e.CHIME_RECORDING_ENDPOINT ?? null,
        }
      : null,
  };
}
