import type { DeviceFault } from "./types.ts";

export type DeviceKind = "microphone" | "camera";

/** Where tracks come from. Each throws what the browser throws. */
export interface Devices {
  open(kind: DeviceKind, device: string | null): Promise<MediaStreamTrack>;
  screen(): Promise<MediaStreamTrack>;
}

export const browserDevices: Devices = {
  open: (kind, device) => {
    const which = device === null ? {} : { deviceId: { exact: device } };
    return firstTrack((media) =>
      media.getUserMedia(kind === "microphone" ? { audio: which } : { video: { ...which, ...picture } }),
    );
  },
  screen: async () => {
    const track = await firstTrack((media) => media.getDisplayMedia({ video: { frameRate: { max: 15 } } }));
    track.contentHint = "detail";
    return track;
  },
};

const picture = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { max: 30 } };

async function firstTrack(ask: (media: MediaDevices) => Promise<MediaStream>): Promise<MediaStreamTrack> {
  const media: MediaDevices | undefined = navigator.mediaDevices;
  if (!media) throw new DOMException("No media devices on this page.", "SecurityError");
  const [track] = (await ask(media)).getTracks();
  if (!track) throw new DOMException("No track was given.", "NotFoundError");
  return track;
}

/** What a browser throws when it is asked for a camera or microphone, as one of a few reasons. */
export function faultOf(error: unknown): DeviceFault {
  const name = typeof error === "object" && error !== null && "name" in error ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "inUse";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}
