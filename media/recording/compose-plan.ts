import type { MediaSlot } from "../../core/protocol/mediasoup.ts";
import { input } from "./ffmpeg.ts";

/** A track that can be played. `at`: ms since the epoch. */
export interface Playable {
  readonly file: string;
  readonly person: string | null;
  readonly slots: readonly MediaSlot[];
  readonly at: number;
  readonly audio: boolean;
  readonly video: boolean;
}

/** What was recorded without a break, from when to when (ms since the epoch). */
export interface Scene {
  readonly from: number;
  readonly to: number;
  readonly tracks: readonly Playable[];
}

/** Where everybody's picture stands, and whether anybody is heard: the same in every scene. */
export interface Stage {
  readonly sound: boolean;
  readonly cells: readonly string[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
}

const rate = 15;
/** By how many stand beside each other: the picture as a whole stays small. */
const widths = [640, 640, 426, 320] as const;

/** Somebody's camera and their screen stand apart; what somebody gives again stands where it stood. */
export function stageOf(scenes: readonly Scene[]): Stage {
  const seen = scenes.flatMap(({ tracks }) => tracks.filter(({ video }) => video).map(cellOf));
  const cells = [...new Set(seen)].sort();
  const columns = Math.ceil(Math.sqrt(cells.length));
  const width = widths[columns - 1] ?? 240;
  const sound = scenes.some(({ tracks }) => tracks.some(({ audio }) => audio));
  return { sound, cells, columns, width, height: 2 * Math.round((width * 9) / 32) };
}

/** What ffmpeg is to do to make one file of a scene: pictures side by side, voices together, each when it was, as long as it took. */
export function composeArguments(scene: Scene, stage: Stage, output: string): readonly string[] {
  const seconds = (scene.to - scene.from) / 1_000;
  const tracks = scene.tracks.map((track, index) => ({
    ...track,
    index,
    offset: (track.at - scene.from) / 1_000,
  }));
  const shown = tracks.filter(({ video }) => video);
  const heard = tracks.filter(({ audio }) => audio);
  const graph = [
    ...(stage.cells.length > 0 ? pictures(shown, stage, seconds) : []),
    ...(stage.sound ? voices(heard, seconds) : []),
  ];
  return [
    // A picture that changes its size in between goes on: it is the scaling that follows it.
    ...tracks.flatMap(({ file }) => ["-threads", "1", "-reinit_filter", "0", ...input(file)]),
    ...["-filter_complex_threads", "1", "-filter_complex", graph.join(";")],
    ...(stage.cells.length > 0 ? ["-map", "[picture]", ...pictureCodec(stage)] : []),
    ...(stage.sound ? ["-map", "[voices]", "-c:a", "libopus", "-b:a", "64k"] : []),
    ...exact,
    ...["-t", seconds.toFixed(3), "-f", "webm", output],
  ];
}

/** The same from the same: asked again, it makes the same file. */
export const exact = ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact"] as const;

interface Placed extends Playable {
  readonly index: number;
  /** Seconds from the beginning of the scene. */
  readonly offset: number;
}

function pictures(shown: readonly Placed[], stage: Stage, seconds: number): readonly string[] {
  const { cells, columns, width, height } = stage;
  const rows = Math.ceil(cells.length / columns);
  const ground = `color=c=black:s=${columns * width}x${rows * height}:r=${rate}:d=${seconds.toFixed(3)}`;
  const sized = shown.map(({ index, offset }) =>
    [
      `[${index}:v]setpts=PTS-STARTPTS${signed(offset)}/TB`,
      `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2`,
      `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2,setsar=1[v${index}]`,
    ].join(","),
  );
  const layers = shown.map(({ index, ...track }, at) => {
    const cell = cells.indexOf(cellOf(track));
    const x = (cell % columns) * width;
    const y = Math.floor(cell / columns) * height;
    return `[g${at}][v${index}]overlay=${x}:${y}:eof_action=pass[g${at + 1}]`;
  });
  return [`${ground}[g0]`, ...sized, ...layers, `[g${shown.length}]format=yuv420p[picture]`];
}

function voices(heard: readonly Placed[], seconds: number): readonly string[] {
  const each = heard.map(({ index, offset }) => {
    const placed = `asetpts=PTS-STARTPTS${signed(offset)}/TB`;
    return `[${index}:a]${placed},aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=stereo[a${index}]`;
  });
  const names = heard.map(({ index }) => `[a${index}]`).join("");
  const end = `apad,atrim=end=${seconds.toFixed(3)}[voices]`;
  if (heard.length === 0) return [`anullsrc=r=48000:cl=stereo,${end}`];
  const together = `amix=inputs=${heard.length}:normalize=0:dropout_transition=0,alimiter=level=0`;
  return [...each, `${names}${together},${end}`];
}

/** A speed below zero is one that does not depend on how busy the machine is. */
function pictureCodec({ cells }: Stage): readonly string[] {
  return [
    ...["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "-8", "-threads", "1", "-r", `${rate}`],
    ...["-b:v", `${300 * Math.min(6, cells.length)}k`, "-g", `${rate * 5}`],
  ];
}

function cellOf({ person, slots }: Pick<Playable, "person" | "slots">): string {
  return `${slots.includes("screen") ? "screen" : "camera"} ${person ?? ""}`;
}

function signed(seconds: number): string {
  return `${seconds < 0 ? "-" : "+"}${Math.abs(seconds).toFixed(3)}`;
}
