import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { DomainError } from "../../domain/errors.ts";
import type { S3Config } from "../config/s3.ts";
import { type Arrivals, assertFolder, assertName, type ObjectStore } from "./object-store.ts";

/** How long a try may take, and all tries of a request together (ms). */
export interface S3Patience {
  readonly answerMs: number;
  readonly totalMs: number;
}

const usualPatience: S3Patience = { answerMs: 10_000, totalMs: 30_000 };
const maxAttempts = 4;
const connectMs = 2_000;

export interface S3Store extends ObjectStore {
  /** null: nobody but us reaches the bucket. */
  readonly arrivals: Arrivals | null;
  dispose(): void;
}

/**
 * Objects in a bucket of Amazon S3, or of what speaks like it. What fails is asked for again with growing pauses (every request may be
 * repeated), by the AWS SDK, which knows what S3 says about that; when a store that keeps failing is left alone is for its guard to say.
 * Credentials come from where the SDK looks for them.
 *
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/
 */
export function createS3Store(config: S3Config, patience: S3Patience = usualPatience): S3Store {
  const { bucket: Bucket, uploadEndpoint } = config;
  const client = new S3Client(settingsOf(config, config.endpoint, patience));
  const ask = async <T>(what: (options: { readonly abortSignal: AbortSignal }) => Promise<T>): Promise<T> => {
    try {
      return await what({ abortSignal: AbortSignal.timeout(patience.totalMs) });
    } catch (cause) {
      throw new DomainError("unavailable", undefined, { cause });
    }
  };

  const page = (folder: string, token: string | undefined) =>
    ask((options) =>
      client.send(
        new ListObjectsV2Command({ Bucket, Prefix: folder, ...(token && { ContinuationToken: token }) }),
        options,
      ),
    );
  const list = async (folder: string): Promise<string[]> => {
    assertFolder(folder);
    const names: string[] = [];
    let token: string | undefined;
    do {
      const { Contents = [], NextContinuationToken } = await page(folder, token);
      names.push(...Contents.flatMap(({ Key }) => Key ?? []));
      token = NextContinuationToken;
    } while (token !== undefined);
    return names.sort();
  };

  const arrivals = uploadEndpoint === null ? null : createArrivals(config, uploadEndpoint, patience);
  return {
    put: async (Key, bytes) => {
      assertName(Key);
      await ask((options) =>
        client.send(new PutObjectCommand({ Bucket, Key, Body: bytes, ChecksumAlgorithm: "SHA256" }), options),
      );
    },
    get: async (Key) => {
      assertName(Key);
      return ask(async (options) => {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), options);
          return Body ? Buffer.from(await Body.transformToByteArray()) : null;
        } catch (error) {
          if (error instanceof NoSuchKey) return null;
          throw error;
        }
      });
    },
    list,
    remove: async (folder) => {
      const names = await list(folder);
      for (let from = 0; from < names.length; from += deletedAtOnce) {
        const Objects = names.slice(from, from + deletedAtOnce).map((Key) => ({ Key }));
        await ask(async (options) => {
          const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
          const { Errors = [] } = await client.send(command, options);
          if (Errors.length > 0) throw new Error(`not deleted: ${Errors[0]?.Code}`);
        });
      }
    },
    arrivals,
    dispose: () => client.destroy(),
  };
}

/** As many as one request may name. */
const deletedAtOnce = 1_000;

function settingsOf({ region, forcePathStyle }: S3Config, endpoint: string | null, { answerMs }: S3Patience) {
  return {
    region,
    forcePathStyle,
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
    },
  } as const;
}

/** Signed for the address that browsers use; nothing is sent with this client. */
function createArrivals(config: S3Config, endpoint: string, patience: S3Patience): Arrivals {
  const client = new S3Client({
    ...settingsOf(config, endpoint === "" ? null : endpoint, patience),
    // Else the signature is for a checksum of nothing, too.
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  return {
    grant: async ({ name, bytes, type, sha256, seconds }) => {
      assertName(name);
      const checksum = sha256.toString("base64");
      const command = new PutObjectCommand({
        Bucket: config.bucket,
        Key: name,
        ContentLength: bytes,
        ContentType: type,
        ChecksumSHA256: checksum,
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: seconds,
        // All three have to come as they were signed: the length is what browsers send by themselves.
        signableHeaders: new Set(["host", "content-length", "content-type", "x-amz-checksum-sha256"]),
        unhoistableHeaders: new Set(["x-amz-checksum-sha256"]),
      });
      return { url, headers: { "content-type": type, "x-amz-checksum-sha256": checksum } };
    },
  };
}
