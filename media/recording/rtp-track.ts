import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { type PieceLimits, type PutPiece, storeInPieces, usualPieces } from "./chunker.ts";
import { beat, type RtpPorts, sayBye, untilHeard } from "./rtp-ports.ts";

/** Something that comes as plain RTP to a port of this machine. */
export interface RtpSource {
  readonly kind: "audio" | "video";
  readonly payloadType: number;
  /** As SDP has it: `opus/48000/2`, `VP8/90000`. */
  readonly encoding: string;
  /** As SDP has them: `minptime=10;useinbandfec=1`. */
  readonly parameters: string;
}

export interface RtpTrackParts {
  readonly ffmpeg: string;
  readonly ports: RtpPorts;
  readonly source: RtpSource;
  /** The room's time less this machine's (ms): what is recorded is told by the room's. */
  readonly skewMs: number;
  readonly put: PutPiece;
  /** By default WebM, which holds VP8 and Opus; Matroska holds the others too. */
  readonly format?: "webm" | "matroska";
  readonly pieces?: PieceLimits;
}

/** One source, recorded as it comes: WebM whose times are those of the room's clock. */
export interface RtpTrack {
  /** Resolves once it has ended and everything is stored: with what was wrong, in words for operators; null: it was ended. */
  readonly ended: Promise<string | null>;
  /** Takes in nothing more. Resolves as `ended` does. */
  stop(): Promise<string | null>;
}

type Recorder = ChildProcessByStdio<Writable, Readable, null>;

const readyMs = 8_000;
/** How long ffmpeg may take to end when it is told to, and then when it is urged. */
const byeMs = 1_500;
const urgedMs = 1_500;

/** Begins; resolves once nothing that is sent from now on is missed. */
export async function recordRtp({ pieces = usualPieces, ...parts }: RtpTrackParts): Promise<RtpTrack> {
  const child: Recorder = spawn(parts.ffmpeg, argumentsFor(parts), {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = once(child, "close").catch(() => {});
  child.stdin.on("error", () => {});
  child.stdin.end(sdpOf(parts));
  const still = beat(parts.ports);
  void exited.then(still);
  let stopping = false;
  const stored = storeInPieces(child.stdout, parts.put, pieces).then(
    () => null,
    () => "what is recorded could not be stored",
  );
  const ended = stored.then(async (fault) => {
    if (fault) child.kill("SIGKILL");
    await exited;
    return fault ?? (stopping ? null : "ffmpeg has ended by itself");
  });
  const stop = async () => {
    if (!stopping) {
      stopping = true;
      await end(child, parts.ports, exited);
    }
    return ended;
  };
  try {
    const heard = untilHeard(parts.ports.rtcpPort, readyMs);
    await Promise.race([heard, ended.then((fault) => Promise.reject(new Error(fault ?? "ended")))]);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { ended, stop };
}

/**
 * It ends by itself when it hears nothing any more, neither what is to be recorded nor from us: it does not outlive us. Times are when something came, by the clock: so all tracks fit together, and a silence is as long as it was. Little is held back:
 * a cluster is written twice a second.
 */
function argumentsFor({ skewMs, format = "webm" }: RtpTrackParts): readonly string[] {
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "quiet", "-protocol_whitelist", "pipe,udp,rtp"],
    ...[
      "-localaddr",
      "127.0.0.1",
      "-listen_timeout",
      "10",
      "-buffer_size",
      "2000000",
      "-max_delay",
      "100000",
    ],
    ...["-use_wallclock_as_timestamps", "1", "-fpsprobesize", "0", "-f", "sdp", "-i", "pipe:0"],
    ...["-copyts", "-output_ts_offset", (skewMs / 1_000).toFixed(3), "-c", "copy"],
    ...["-f", format, "-live", "1", "-cluster_time_limit", "500", "-flush_packets", "1", "pipe:1"],
  ];
}

function sdpOf({ ports, source }: RtpTrackParts): string {
  const { kind, payloadType, encoding, parameters } = source;
  return [
    ...["v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"],
    `m=${kind} ${ports.port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${encoding}`,
    ...(parameters ? [`a=fmtp:${payloadType} ${parameters}`] : []),
    ...["a=recvonly", ""],
  ].join("\r\n");
}

/** A goodbye in the stream lets it write everything; one that hears nothing is urged, and then killed. */
async function end(child: Recorder, ports: RtpPorts, exited: Promise<unknown>): Promise<void> {
  const within = (ms: number): Promise<boolean> => {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, ms, false);
    return Promise.race([exited.then(() => true), late]).finally(() => clearTimeout(timer));
  };
  await sayBye(ports);
  if (await within(byeMs)) return;
  // One asks it to end; of two, what it waits for is broken off.
  for (let urged = 0; urged < 2; urged += 1) child.kill("SIGINT");
  if (await within(urgedMs)) return;
  child.kill("SIGKILL");
  await exited;
}
