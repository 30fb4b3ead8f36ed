import { heardFrom } from "../waiting/devices.ts";
import { meter } from "../waiting/meter.ts";

/** Shows a track in a `<video>` or `<audio>`. `blocked` is told where the browser plays no sound by itself. */
export const play =
  (track: MediaStreamTrack, blocked: (is: boolean) => void = () => undefined, speaker = "") =>
  (element: HTMLMediaElement): (() => void) => {
    element.srcObject = new MediaStream([track]);
    if (speaker !== "" && "setSinkId" in element) element.setSinkId(speaker).catch(() => undefined);
    element.play().then(
      () => blocked(false),
      (error: unknown) => blocked(error instanceof DOMException && error.name === "NotAllowedError"),
    );
    return () => {
      element.srcObject = null;
    };
  };

/** How long after one's last word one still counts as speaking (ms). */
const pauseMs = 2_500;

/** Tells whether somebody speaks into a microphone, until the returned function is called. */
export function speaking(track: MediaStreamTrack, tell: (speaks: boolean) => void): () => void {
  let since: number | null = null;
  let until = 0;
  return meter(new MediaStream([track]), (level) => {
    const now = performance.now();
    if (level > heardFrom) {
      since ??= now;
      // A cough or a knock is not yet speech.
      if (now - since > 250) until = now + pauseMs;
    } else since = null;
    tell(now < until);
  });
}
