import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { flag, webUrl } from "./values.ts";

const endpoint = webUrl.transform((url) => url.replace(/\/+$/, ""));

export const s3Settings = z.object({
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket")
    .optional(),
  S3_ENDPOINT: endpoint.optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{2,32}$/, "a region, like ap-northeast-1")
    .default("us-east-1"),
  S3_FORCE_PATH_STYLE: flag.default(false),
  S3_UPLOAD_ENDPOINT: endpoint.optional(),
});

type S3Settings = z.infer<typeof s3Settings>;

/** A bucket of Amazon S3, or of what speaks like it. */
export interface S3Config {
  readonly bucket: string;
  /** In place of the public one of `region`. */
  readonly endpoint: string | null;
  readonly region: string;
  /** The bucket's name goes into the path, not before the host. */
  readonly forcePathStyle: boolean;
  /** Where browsers reach it; empty: at the public one of `region`; null: they do not, and send files through us. */
  readonly uploadEndpoint: string | null;
}

/** Where a bucket has an address of its own, that may be one that browsers do not know. */
export function s3Config(e: S3Settings): S3Config | null {
  if (e.S3_BUCKET === undefined) {
    if (e.S3_ENDPOINT !== undefined || e.S3_UPLOAD_ENDPOINT !== undefined) {
      throw new ConfigError("S3_BUCKET: an address of S3 needs a bucket. Set it too, or unset S3_*.");
    }
    return null;
  }
  return {
    bucket: e.S3_BUCKET,
    endpoint: e.S3_ENDPOINT ?? null,
    region: e.S3_REGION,
    forcePathStyle: e.S3_FORCE_PATH_STYLE,
    uploadEndpoint: e.S3_UPLOAD_ENDPOINT ?? (e.S3_ENDPOINT === undefined ? "" : null),
  };
}
