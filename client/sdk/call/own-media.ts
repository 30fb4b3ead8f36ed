import { Lane } from "../lib/lane.ts";
import { blur, blurOf } from "./blur.ts";
import type { Slot } from "./call-link.ts";
import { type DeviceKind, type Devices, faultOf } from "./devices.ts";
import type { CallOptions, OwnDevice } from "./types.ts";

const off: OwnDevice = { on: false, opening: false, track: null, device: null, fault: null };

/** My microphone, camera and screen: opened, changed and given back. */
export class OwnMedia {
  private readonly devices: Devices;
  private readonly changed: () => void;
  private readonly lanes: Readonly<Record<DeviceKind, Lane>> = { microphone: new Lane(), camera: new Lane() };
  private readonly own: Record<DeviceKind, OwnDevice>;
  private shared: MediaStreamTrack | null = null;
  private stopped = false;
  /** null: as the device has it. */
  private blurs: boolean | null;

  constructor(devices: Devices, options: CallOptions, changed: () => void) {
    const { microphoneId = null, cameraId = null } = options;
    this.devices = devices;
    this.blurs = options.blur ?? null;
    this.changed = changed;
    this.own = { microphone: { ...off, device: microphoneId }, camera: { ...off, device: cameraId } };
  }

  get microphone(): OwnDevice {
    return this.own.microphone;
  }

  get camera(): OwnDevice {
    return this.own.camera;
  }

  get screen(): MediaStreamTrack | null {
    return this.shared;
  }

  get blur(): boolean | null {
    const { track } = this.own.camera;
    return track && blurOf(track);
  }

  get unblurred(): boolean {
    return this.blurs === true && this.own.camera.track !== null && this.blur !== true;
  }

  /** What the others are to receive. */
  get sent(): Readonly<Record<Slot, MediaStreamTrack | null>> {
    const { microphone, camera } = this.own;
    return {
      audio: microphone.on ? microphone.track : null,
      video: camera.on ? camera.track : null,
      screen: this.shared,
    };
  }

  /** A microphone that is off stays open and is sent to nobody; a camera's light goes out. */
  set(kind: DeviceKind, on: boolean): Promise<void> {
    if (!on) this.show(kind, { on: false });
    return this.lanes[kind].run(async () => {
      const { track, device } = this.own[kind];
      if (on && track?.readyState !== "live") await this.open(kind, device, true);
      else if (on) this.show(kind, { on });
      else if (kind === "camera") this.release(kind);
    });
  }

  choose(kind: DeviceKind, device: string | null): Promise<void> {
    return this.lanes[kind].run(async () => {
      const { on, track } = this.own[kind];
      if (on || track) await this.open(kind, device, on);
      else this.show(kind, { device, fault: null });
    });
  }

  /** Stays wanted of every camera that comes after. */
  setBlur(on: boolean): Promise<void> {
    this.blurs = on;
    return this.lanes.camera.run(async () => {
      const { track } = this.own.camera;
      if (track) await blur(track, on);
      this.changed();
    });
  }

  async share(on: boolean): Promise<void> {
    if (on === (this.shared !== null) || this.stopped) return;
    if (!on) return this.endSharing();
    const track = await this.devices.screen();
    if (this.stopped || this.shared) return track.stop();
    track.addEventListener("ended", () => {
      if (this.shared === track) this.endSharing();
    });
    this.shared = track;
    this.changed();
  }

  stop(): void {
    this.stopped = true;
    this.shared?.stop();
    this.shared = null;
    for (const kind of ["microphone", "camera"] as const) this.release(kind);
  }

  /** The new one is open before the old one is given up; some devices do not allow that, and are asked again. */
  private async open(kind: DeviceKind, device: string | null, on: boolean): Promise<void> {
    if (this.stopped) return;
    this.show(kind, { opening: true, fault: null });
    try {
      const track = await this.devices.open(kind, device).catch((error: unknown) => {
        if (faultOf(error) !== "inUse" || !this.own[kind].track) throw error;
        this.release(kind);
        return this.devices.open(kind, device);
      });
      if (kind === "camera") await this.prepare(track);
      if (this.stopped) return track.stop();
      this.own[kind].track?.stop();
      track.addEventListener("ended", () => this.lose(kind, track));
      this.show(kind, { on, opening: false, track, device });
    } catch (error) {
      const { track } = this.own[kind];
      this.show(kind, { on: on && track !== null, opening: false, fault: faultOf(error) });
    }
  }

  /** Nothing behind me is seen that was not to be seen before. The platform may change it by itself. */
  private async prepare(track: MediaStreamTrack): Promise<void> {
    const { blurs } = this;
    if (blurs !== null && blurOf(track) === !blurs) await blur(track, blurs);
    track.addEventListener("configurationchange", () => this.own.camera.track === track && this.changed());
  }

  /** It was unplugged, or taken away: another may do. */
  private lose(kind: DeviceKind, track: MediaStreamTrack): void {
    if (this.own[kind].track !== track || this.stopped) return;
    const { on } = this.own[kind];
    this.show(kind, { track: null });
    void this.lanes[kind].run(() => this.open(kind, null, on));
  }

  private endSharing(): void {
    this.shared?.stop();
    this.shared = null;
    this.changed();
  }

  private release(kind: DeviceKind): void {
    this.own[kind].track?.stop();
    this.show(kind, { track: null, on: false });
  }

  private show(kind: DeviceKind, changes: Partial<OwnDevice>): void {
    this.own[kind] = { ...this.own[kind], ...changes };
    this.changed();
  }
}
