import { Readable } from "node:stream";
import { DeleteObjectsCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { ChimeRecordingConfig } from "../../core/platform/config/chime.ts";
import type { StoredObject } from "./chime-files.ts";

/** The clinic's own bucket, as far as we look into what Amazon has written there. */
export interface ChimeBucket {
  /** Everything under a path. */
  list(path: string): Promise<readonly StoredObject[]>;
  read(key: string): Promise<Readable>;
  /** Everything under a path is gone once it resolves. */
  remove(path: string): Promise<void>;
  dispose(): void;
}

const maxAttempts = 4;
const connectMs = 2_000;
const answerMs = 10_000;
/** A file that stops coming for so long, or takes so long altogether, is asked for again. */
const stalledMs = 30_000;
const fileMs = 30 * 60_000;
const folderMs = 60_000;
/** As many as one request may name. */
const deletedAtOnce = 1_000;

/** `endpoint`: in place of the public one of the region. */
export function createChimeBucket(
  { bucket, region }: Pick<ChimeRecordingConfig, "bucket" | "region">,
  endpoint: string | null = null,
): ChimeBucket {
  const [Bucket = ""] = bucket.replace(/^arn:[^:]+:s3:::/, "").split("/");
  const client = new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      socketTimeout: stalledMs,
      throwOnRequestTimeout: true,
    },
  });
  const within = (ms: number) => ({ abortSignal: AbortSignal.timeout(ms) });

  const list = async (Prefix: string): Promise<readonly StoredObject[]> => {
    const found: StoredObject[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket, Prefix },
      within(folderMs),
    )) {
      found.push(
        ...Contents.flatMap(({ Key: key, Size: size = 0 }) => (key === undefined ? [] : [{ key, size }])),
      );
    }
    return found;
  };

  return {
    list,
    read: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), within(fileMs));
      if (!(Body instanceof Readable)) throw new Error("Amazon S3 sent no file.");
      return Body;
    },
    remove: async (path) => {
      const all = await list(path);
      for (let from = 0; from < all.length; from += deletedAtOnce) {
        const Objects = all.slice(from, from + deletedAtOnce).map(({ key }) => ({ Key: key }));
        const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
        const { Errors = [] } = await client.send(command, within(folderMs));
        if (Errors.length > 0) throw new Error(`not deleted: ${Errors[0]?.Code}`);
      }
    },
    dispose: () => client.destroy(),
  };
}

/** Whether Amazon has refused it for good: to ask again would change nothing. */
export function isRefused(error: unknown): boolean {
  const metadata =
    typeof error === "object" && error !== null && "$metadata" in error ? error.$metadata : null;
  const status =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : null;
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
