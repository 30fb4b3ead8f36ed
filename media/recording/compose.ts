import { writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { composeArguments, exact, type Scene, stageOf } from "./compose-plan.ts";
import { type Ffmpeg, input, runFfmpeg } from "./ffmpeg.ts";

/** How long ffmpeg may take, beside a multiple of what it works on (ms). */
const baseMs = 10 * 60_000;
const perPlayedMs = 5;

/** Writes the same again in a file whose duration and cues are right. Throws when nothing can be read. */
export async function remux(ffmpeg: Ffmpeg, from: string, to: string): Promise<void> {
  const args = ["-fflags", "+genpts", ...input(from), "-map", "0", "-c", "copy", ...exact, to];
  await runFfmpeg(ffmpeg, args, baseMs);
}

/**
 * Makes one file of everything, for people to watch: scene after scene. Resolves with its path, in `folder`. Throws when ffmpeg fails.
 */
export async function compose(ffmpeg: Ffmpeg, scenes: readonly Scene[], folder: string): Promise<string> {
  const films = filmsOf(scenes);
  if (films) return inARow(ffmpeg, films, folder);
  const stage = stageOf(scenes);
  const parts: string[] = [];
  for (const [index, scene] of scenes.entries()) {
    const part = join(folder, `scene-${index}.webm`);
    const withinMs = baseMs + perPlayedMs * (scene.to - scene.from);
    await runFfmpeg(ffmpeg, composeArguments(scene, stage, part), withinMs, true);
    parts.push(part);
  }
  return inARow(ffmpeg, parts, folder);
}

/** Where each scene is a film of everyone already, all of one kind: those. */
function filmsOf(scenes: readonly Scene[]): readonly string[] | null {
  const tracks = scenes.flatMap((scene) => scene.tracks);
  const kinds = tracks.map(({ file, audio, video }) => `${extname(file)} ${audio} ${video}`);
  const made = tracks.length === scenes.length && tracks.every(({ person }) => person === null);
  return made && new Set(kinds).size === 1 ? tracks.map(({ file }) => file) : null;
}

async function inARow(ffmpeg: Ffmpeg, parts: readonly string[], folder: string): Promise<string> {
  const [first = ""] = parts;
  if (parts.length === 1) return first;
  const list = join(folder, "scenes.txt");
  await writeFile(list, parts.map((part) => `file '${part}'\n`).join(""));
  const whole = join(folder, `together${extname(first)}`);
  await runFfmpeg(ffmpeg, ["-f", "concat", "-safe", "0", "-i", list, "-c", "copy", ...exact, whole], baseMs);
  return whole;
}
