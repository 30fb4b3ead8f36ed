import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { extname } from "node:path";
import { z } from "zod";
import type { Guard } from "../../core/platform/resilience/guard.ts";

/** Debian's ffmpeg, and the ffprobe that comes with it. */
export interface Ffmpeg {
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** How many run at once is limited there. */
  readonly guard?: Guard | undefined;
}

/** What is in a file. Times in seconds; `start` is of its first sample, null where nothing says it. */
export interface Probed {
  readonly start: number | null;
  readonly duration: number | null;
  readonly audio: boolean;
  readonly video: boolean;
}

const probeMs = 60_000;
const versionMs = 30_000;
const quiet = ["-hide_banner", "-nostdin", "-loglevel", "error"];

/** Looks for it under this name, on PATH unless it is a path. null: it is not there, or does not run. */
export async function findFfmpeg(name: string): Promise<Ffmpeg | null> {
  const found = { ffmpeg: name, ffprobe: name.replace(/ffmpeg(?=[^/\\]*$)/, "ffprobe") };
  try {
    for (const tool of [found.ffmpeg, found.ffprobe])
      await launch(tool, ["-version"], { withinMs: versionMs });
    return found;
  } catch {
    return null;
  }
}

/** Looks for it when it is first needed. */
export type FindFfmpeg = () => Promise<Ffmpeg | null>;

export function lazyFfmpeg(name: string, guard?: Guard): FindFfmpeg {
  let found: Promise<Ffmpeg | null> | null = null;
  return () => {
    found ??= findFfmpeg(name).then((tools) => tools && { ...tools, guard });
    return found;
  };
}

/** Runs it to its end. `yields`: behind everything else that runs here. Throws when it fails, or takes longer. */
export async function runFfmpeg(
  { ffmpeg, guard }: Ffmpeg,
  args: readonly string[],
  withinMs: number,
  yields = false,
): Promise<void> {
  const run = guardedBy(guard, withinMs);
  await run((signal) => launch(ffmpeg, [...quiet, "-y", ...args], { withinMs, yields, signal }));
}

const probeOutput = z.object({
  streams: z.array(z.object({ codec_type: z.string().optional() })),
  format: z.object({ start_time: z.coerce.number().optional(), duration: z.coerce.number().optional() }),
});

/** By the end of a file's name: as what it is read, and as nothing else, since what a browser sent may be anything. */
const formats: Readonly<Record<string, string>> = {
  ".webm": "matroska",
  ".mkv": "matroska",
  ".mp4": "mov",
  ".ogg": "ogg",
};

/** How a file is named to ffmpeg and ffprobe: it reads that one alone. Throws where it is of no kind that we keep. */
export function input(file: string): readonly string[] {
  const format = formats[extname(file)];
  if (format === undefined) throw new Error("not a file that is kept of a recording");
  return ["-protocol_whitelist", "file", "-f", format, "-i", file];
}

/** Throws where it is no file of pictures or sound. */
export async function probe({ ffprobe, guard }: Ffmpeg, file: string): Promise<Probed> {
  const asked = ["-show_entries", "stream=codec_type:format=start_time,duration", "-of", "json"];
  const args = ["-hide_banner", "-loglevel", "error", ...asked, ...input(file)];
  const run = guardedBy(guard, probeMs);
  const said = await run((signal) => launch(ffprobe, args, { withinMs: probeMs, signal }));
  const { streams, format } = probeOutput.parse(JSON.parse(said));
  const has = (type: string) => streams.some(({ codec_type }) => codec_type === type);
  const { start_time: start = null, duration = null } = format;
  return { start, duration, audio: has("audio"), video: has("video") };
}

/** Lets everything else go first: a call matters more than a file that can wait. */
function yieldTo(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

function guardedBy(guard: Guard | undefined, attemptMs: number) {
  return (what: (signal?: AbortSignal) => Promise<string>): Promise<string> =>
    guard ? guard.run(what, { attemptMs }) : what();
}

interface StartOptions {
  readonly withinMs: number;
  readonly yields?: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** What it complains of may name what it works on: it is read by nobody. */
async function launch(
  command: string,
  args: readonly string[],
  { withinMs, yields = false, signal }: StartOptions,
): Promise<string> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "ignore"],
    timeout: withinMs,
    killSignal: "SIGKILL",
    signal,
  });
  const exited = once(child, "close");
  if (yields) yieldTo(child);
  let said = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    said += text;
  });
  const [code] = await exited;
  if (code !== 0) throw new Error(`${command} failed (${code ?? "killed"})`);
  return said;
}
