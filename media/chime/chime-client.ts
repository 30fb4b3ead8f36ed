import { ChimeSDKMeetingsClient } from "@aws-sdk/client-chime-sdk-meetings";
import type { ChimeConfig } from "../../core/platform/config/chime.ts";

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

type Where = Pick<ChimeConfig, "region" | "endpoint">;

/** How a client of one of Amazon's services is made. Its credentials come from where the AWS SDK looks for them. */
export function clientSettings({ region, endpoint }: Where) {
  return {
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
  } as const;
}

/** A client of the service that has the meetings. */
export function createChimeClient(where: Where): ChimeSDKMeetingsClient {
  return new ChimeSDKMeetingsClient(clientSettings(where));
}
