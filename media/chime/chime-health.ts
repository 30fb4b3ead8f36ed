import {
  type ChimeSDKMeetingsClient,
  GetMeetingCommand,
  NotFoundException,
} from "@aws-sdk/client-chime-sdk-meetings";
import { inTime } from "./chime-client.ts";

/** There is none of this name, and who may ask is told so. */
const noMeeting = "00000000-0000-4000-8000-000000000000";
/** Whoever watches asks often; Amazon is asked so often alone (ms). Less than a backend that fails is left alone for. */
const rememberMs = 10_000;

/** Whether Amazon Chime answers, and knows us: in words for operators; null: it does. */
export function createChimeHealth(
  client: ChimeSDKMeetingsClient,
  now: () => number = () => performance.now(),
): () => Promise<string | null> {
  let known: { readonly at: number; readonly fault: Promise<string | null> } | null = null;
  return () => {
    if (known === null || now() - known.at >= rememberMs) known = { at: now(), fault: ask(client) };
    return known.fault;
  };
}

async function ask(client: ChimeSDKMeetingsClient): Promise<string | null> {
  try {
    await client.send(new GetMeetingCommand({ MeetingId: noMeeting }), inTime());
    return null;
  } catch (error) {
    if (error instanceof NotFoundException) return null;
    return `Amazon Chime cannot be used (${error instanceof Error ? error.name : "unknown"})`;
  }
}
