import {
  type ChimeSDKMeetingsClient,
  type EngineTranscribeSettings,
  StartMeetingTranscriptionCommand,
} from "@aws-sdk/client-chime-sdk-meetings";
import type { ChimeConfig } from "../../core/platform/config/chime.ts";
import type { Logger } from "../../core/platform/logger.ts";

type Language = NonNullable<ChimeConfig["transcription"]>;

/** The call does not wait for its captions longer than this (ms). */
const patienceMs = 1_500;

/**
 * Has what is said in a meeting written down for those in it, in the meeting's own region. A call without captions is better
 * than none: where they cannot be had, that is noted and no more. Never throws.
 */
export async function startCaptions(
  client: Pick<ChimeSDKMeetingsClient, "send">,
  MeetingId: string,
  language: Language,
  log: Logger,
): Promise<void> {
  const asked = new StartMeetingTranscriptionCommand({
    MeetingId,
    TranscriptionConfiguration: { EngineTranscribeSettings: settingsOf(language) },
  });
  try {
    await client.send(asked, { abortSignal: AbortSignal.timeout(patienceMs) });
  } catch (err) {
    // A meeting that is opened again has them already.
    if (err instanceof Error && err.name === "ConflictException") return;
    log.warn({ err }, "a call over Amazon Chime has no captions");
  }
}

function settingsOf(language: Language): EngineTranscribeSettings {
  const steady = { EnablePartialResultsStabilization: true, PartialResultsStability: "medium" } as const;
  return language === "auto" ? { IdentifyLanguage: true, ...steady } : { LanguageCode: language, ...steady };
}
