export { faultOf } from "../../../../sdk/call/devices.ts";
export type { DeviceFault } from "../../../../sdk/types.ts";

/** Speech is about this loud (root mean square of samples from −1 to 1); it fills the meter. */
const loud = 0.2;
/** Below this nobody speaks. */
export const heardFrom = 0.12;

/** How full the meter is, from 0 to 1, for the latest samples. Soft voices are shown larger than they are. */
export function levelOf(samples: ArrayLike<number>): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (let i = 0; i < samples.length; i += 1) sum += (samples[i] ?? 0) ** 2;
  return Math.min(1, Math.sqrt(Math.sqrt(sum / samples.length) / loud));
}

/** Asks for one kind of device; throws what the browser throws. */
export function openDevice(kind: "audio" | "video", id: string | null): Promise<MediaStream> {
  const media: MediaDevices | undefined = navigator.mediaDevices;
  if (!media) return Promise.reject(new DOMException("No media devices on this page.", "SecurityError"));
  const which = id === null ? {} : { deviceId: { exact: id } };
  return media.getUserMedia({ [kind]: kind === "video" ? { ...which, width: { ideal: 1280 } } : which });
}

/** The devices of a kind, with the names that the browser tells once one of them may be used. */
export async function devicesOf(kind: MediaDeviceKind): Promise<readonly MediaDeviceInfo[]> {
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((device) => device.kind === kind && device.deviceId !== "");
}

export function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
