import { ChimeSDKMeetingsClient } from "@aws-sdk/client-chime-sdk-meetings";
import type { ChimeConfig } from "../../core/platform/config.ts";

/**
 * So often a request is tried, so long each try may take, and all of them together with the pauses between them (ms):
 * less than the five seconds after which a backend counts as failed.
 */
const maxAttempts = 3;
const connectMs = 1_000;
const answerMs = 1_200;
const totalMs = 4_500;

/** What each request is sent with. */
export function inTime(): { readonly abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(totalMs) };
}

/** A client of the service's. Its credentials come from where the AWS SDK looks for them. */
export function createChimeClient({
  region,
  endpoint,
}: Pick<ChimeConfig, "region" | "endpoint">): ChimeSDKMeetingsClient {
  return new ChimeSDKMeetingsClient({
    region,
    ...(endpoint === null ? {} : { endpoint }),
    maxAttempts,
    // Throttled, all requests of this process slow down together.
    retryMode: "adaptive",
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
    },
  });
}
