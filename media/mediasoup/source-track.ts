import type { RoomVault, TrackHeader } from "../../core/platform/objects/vault.ts";
import { recordingNames } from "../../core/platform/objects/vault.ts";
import type { Segment } from "../recorder.ts";
import type { Ffmpeg } from "../recording/ffmpeg.ts";
import type { RtpPortPool } from "../recording/rtp-ports.ts";
import { type RtpSource, type RtpTrack, recordRtp } from "../recording/rtp-track.ts";
import type { SessionTap, TapSource, TapStream } from "./session-tap.ts";

export interface SourceTrackParts {
  readonly tap: SessionTap;
  readonly source: TapSource;
  readonly segment: Segment;
  /** Its name among the tracks of the segment. */
  readonly name: string;
  readonly vault: RoomVault;
  readonly ffmpeg: Ffmpeg;
  readonly ports: RtpPortPool;
  now(): number;
}

/** What somebody gives, being recorded. */
export interface SourceTrack {
  readonly source: TapSource;
  /** As that of an RtpTrack. */
  readonly ended: Promise<string | null>;
  /** Asks for a whole picture: from there on it can be watched. */
  refresh(): Promise<void>;
  /** Takes in nothing more from now on; resolves when what was taken in is stored. */
  stop(): Promise<void>;
}

/** Throws where it cannot begin. */
export async function recordSource(parts: SourceTrackParts): Promise<SourceTrack> {
  const { tap, source, ffmpeg, ports: pool, now } = parts;
  const ports = await pool.take();
  let stream: TapStream | undefined;
  try {
    stream = await tap.take(source.producer, ports);
    const rtp = sourceOf(stream);
    const format = webmHolds.test(rtp.encoding) ? "webm" : "matroska";
    const put = putter(parts, `video/${format === "webm" ? format : "x-matroska"}`);
    const skewMs = now() - Date.now();
    const track = await recordRtp({ ffmpeg: ffmpeg.ffmpeg, ports, source: rtp, skewMs, format, put });
    void track.ended.then(() => pool.giveBack(ports));
    await stream.resume();
    return running(source, stream, track);
  } catch (error) {
    stream?.close();
    pool.giveBack(ports);
    throw error;
  }
}

const webmHolds = /^(vp8|vp9|opus)\//i;

function running(source: TapSource, stream: TapStream, track: RtpTrack): SourceTrack {
  return {
    source,
    ended: track.ended,
    refresh: async () => {
      if (stream.kind === "video") await stream.resume();
    },
    stop: async () => {
      stream.close();
      await track.stop();
    },
  };
}

function putter({ vault, segment, source, name, now }: SourceTrackParts, mime: string) {
  const { recording, segment: number } = segment;
  return async (index: number, bytes: Uint8Array): Promise<void> => {
    if (index === 0) {
      const header: TrackHeader = { person: source.person, slots: [source.slot], mime, startedAt: now() };
      await vault.put(recordingNames.header(recording, number, name), Buffer.from(JSON.stringify(header)));
    }
    await vault.put(recordingNames.chunk(recording, number, name, index), bytes);
  };
}

function sourceOf({ kind, payloadType, rtpParameters }: TapStream): RtpSource {
  const [codec] = rtpParameters.codecs;
  if (!codec) throw new Error("mediasoup gave no codec");
  const { mimeType, clockRate, channels, parameters = {} } = codec;
  const encoding = [mimeType.split("/")[1], clockRate, ...(channels ? [channels] : [])].join("/");
  const pairs = Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`);
  return { kind, payloadType, encoding, parameters: pairs.join(";") };
}
