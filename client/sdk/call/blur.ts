/** A camera's own blur of what is behind one, where the platform has it (Media Capture Extensions). */
interface Blurred extends MediaTrackConstraints {
  readonly backgroundBlur: boolean;
}

/** Whether it is on; null: it is not there, or cannot be changed. */
export function blurOf(track: MediaStreamTrack): boolean | null {
  if (!("getCapabilities" in track)) return null;
  const offered: unknown = Reflect.get(track.getCapabilities(), "backgroundBlur");
  if (!Array.isArray(offered) || offered.length < 2) return null;
  return Reflect.get(track.getSettings(), "backgroundBlur") === true;
}

/** The rest of what was asked of the camera stays. A platform that does not do it is left as it is. */
export async function blur(track: MediaStreamTrack, on: boolean): Promise<void> {
  const wanted: Blurred = { ...track.getConstraints(), backgroundBlur: on };
  await track.applyConstraints(wanted).catch(() => undefined);
}
