import type { CallSnapshot } from "./types.ts";

/** What is seen and heard of a call when it is recorded. */
export interface Scene {
  readonly pictures: readonly ScenePicture[];
  readonly voices: readonly MediaStreamTrack[];
}

interface ScenePicture {
  readonly track: MediaStreamTrack;
  /** In parts of the whole: 0 to 1. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Everyone beside each other; where a screen is shown, it has the left half. On hold nobody is seen or heard. */
export function sceneOf({ me, people }: Pick<CallSnapshot, "me" | "people">, held: boolean): Scene {
  if (held) return { pictures: [], voices: [] };
  const own = { video: me.camera.on ? me.camera.track : null, screen: me.screen };
  const everyone = [own, ...people];
  const cameras = everyone.flatMap(({ video }) => video ?? []);
  const screens = everyone.flatMap(({ screen }) => screen ?? []);
  const mine = me.microphone.on ? me.microphone.track : null;
  const theirs = people.flatMap(({ audio, microphone }) => (microphone && audio) || []);
  return { pictures: placed(cameras, screens), voices: mine ? [mine, ...theirs] : theirs };
}

function placed(
  cameras: readonly MediaStreamTrack[],
  screens: readonly MediaStreamTrack[],
): readonly ScenePicture[] {
  if (screens.length === 0) {
    const width = 1 / Math.max(2, cameras.length);
    return cameras.map((track, at) => ({ track, x: at * width, y: 0, width, height: 1 }));
  }
  const stacked = (tracks: readonly MediaStreamTrack[], x: number) =>
    tracks.map((track, at) => {
      const height = 1 / tracks.length;
      return { track, x, y: at * height, width: 0.5, height };
    });
  return [...stacked(screens, 0), ...stacked(cameras, 0.5)];
}
