import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RoomVault } from "../../core/platform/objects/vault.ts";
import { type Ffmpeg, findFfmpeg, runFfmpeg } from "../../media/recording/ffmpeg.ts";
import type { RtpPorts } from "../../media/recording/rtp-ports.ts";
import { findTool } from "../support/tools.ts";

export const withinMs = 110_000;

/** ffmpeg, installed where it is missing. */
export async function ffmpegHere(): Promise<Ffmpeg> {
  const found = await findFfmpeg(await findTool("ffmpeg"));
  if (!found) throw new Error("ffmpeg does not run.");
  return found;
}

export function testFolder(): {
  readonly path: string;
  readonly at: (name: string) => string;
  remove(): void;
} {
  const path = mkdtempSync(join(tmpdir(), "hugmedo-footage-"));
  return {
    path,
    at: (name) => join(path, name),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** A room's objects in memory, unencrypted. */
export function memoryVault(): RoomVault & { readonly objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>();
  const within = (folder: string) => [...objects.keys()].filter((name) => name.startsWith(folder)).sort();
  return {
    objects,
    put: async (name, bytes) => void objects.set(name, Buffer.from(bytes)),
    get: async (name) => objects.get(name) ?? null,
    list: async (folder) => within(folder),
    remove: async (folder) => {
      for (const name of within(folder)) objects.delete(name);
    },
  };
}

export interface Scene {
  readonly seconds: number;
  readonly size?: string;
  readonly tone?: number;
}

const picture = ({ size = "160x120" }: Scene) => ["-f", "lavfi", "-i", `testsrc=size=${size}:rate=15`];
const voice = ({ tone = 440 }: Scene) => ["-f", "lavfi", "-i", `sine=frequency=${tone}:sample_rate=48000`];
const asVp8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "15", "-b:v", "200k"];
const asOpus = ["-c:a", "libopus", "-b:a", "32k"];

/** Live WebM, as a browser's recorder writes it: it says nowhere how long it is. */
export async function film(ffmpeg: Ffmpeg, file: string, scene: Scene, what = "av"): Promise<void> {
  const video = what.includes("v") ? picture(scene) : [];
  const audio = what.includes("a") ? voice(scene) : [];
  const codecs = [...(video.length ? asVp8 : []), ...(audio.length ? asOpus : [])];
  const live = ["-f", "webm", "-live", "1", "-cluster_time_limit", "500"];
  await runFfmpeg(ffmpeg, [...video, ...audio, ...codecs, "-t", `${scene.seconds}`, ...live, file], withinMs);
}

export interface Sender {
  stop(): Promise<void>;
}

export interface RtpTarget extends RtpPorts {
  readonly payloadType: number;
  readonly ssrc?: number;
}

/** Sends a picture or a voice as RTP until it is stopped, in real time; a whole picture every second. */
export function sendRtp(ffmpeg: Ffmpeg, kind: "audio" | "video", target: RtpTarget): Sender {
  const scene = { seconds: 600 };
  const args = [
    ...["-hide_banner", "-nostdin", "-loglevel", "quiet", "-re"],
    ...(kind === "video" ? [...picture(scene), ...asVp8] : [...voice(scene), ...asOpus]),
    ...["-t", "600", "-payload_type", `${target.payloadType}`],
    ...(target.ssrc === undefined ? [] : ["-ssrc", `${target.ssrc}`]),
    ...["-f", "rtp", `rtp://127.0.0.1:${target.port}?rtcpport=${target.rtcpPort}&pkt_size=1200`],
  ];
  const child = spawn(ffmpeg.ffmpeg, args, { stdio: "ignore" });
  const exited = once(child, "close");
  return {
    stop: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
