import { z } from "zod";
import { type ChimeConfig, chimeConfig, chimeSettings } from "./chime.ts";
import type { ClusterSettings } from "./cluster.ts";
import { type ConfiguredBackend, mediaOrder, mediaOrderSettings } from "./media-order.ts";
import { type MediasoupConfig, mediasoupConfig, mediasoupSettings } from "./mediasoup.ts";
import { type RelayConfig, relayConfig, relaySettings } from "./relays.ts";
import type { ServerSettings } from "./server.ts";
import { dayMs } from "./values.ts";

export const mediaSettings = z.object({
  ...mediaOrderSettings.shape,
  ...relaySettings.shape,
  ...chimeSettings.shape,
  ...mediasoupSettings.shape,
});

type MediaSettings = z.infer<typeof mediaSettings>;

export interface MediaConfig extends RelayConfig {
  /** The backends that carry calls, in the order in which they are tried. */
  readonly order: readonly ConfiguredBackend[];
  /** null: no calls run on Amazon Chime. */
  readonly chime: ChimeConfig | null;
  readonly mediasoup: MediasoupConfig;
}

export function mediaConfig(e: MediaSettings & ClusterSettings & ServerSettings): MediaConfig {
  return {
    ...relayConfig(e),
    order: mediaOrder(e),
    chime: chimeConfig(e),
    mediasoup: mediasoupConfig(e),
  };
}

export const recordingSettings = z.object({
  FFMPEG_BIN: z.string().min(1).default("ffmpeg"),
  RECORDING_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(365),
});

type RecordingSettings = z.infer<typeof recordingSettings>;

export interface RecordingConfig {
  /** ffmpeg: a name on PATH, or a path. */
  readonly ffmpegBin: string;
  /** For how long a finished recording is kept (ms). */
  readonly keepRecordingsMs: number;
}

export function recordingConfig(e: RecordingSettings): RecordingConfig {
  return { ffmpegBin: e.FFMPEG_BIN, keepRecordingsMs: e.RECORDING_RETENTION_DAYS * dayMs };
}
