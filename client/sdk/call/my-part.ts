import type { MediaKind } from "../../../core/domain/visit/state.ts";
import type { Slot } from "./call-link.ts";
import type { DeviceKind, Devices } from "./devices.ts";
import { OwnMedia } from "./own-media.ts";
import { noSaving, save } from "./quality.ts";
import type { CallOptions, LinkQuality, OwnMediaView } from "./types.ts";

/** My part in a call: my devices, and what of them the others are given. */
export class MyPart {
  private readonly own: OwnMedia;
  private readonly changed: () => void;
  private mutedByClinician = false;
  private saving = noSaving;

  constructor(devices: Devices, options: CallOptions, changed: () => void) {
    this.changed = changed;
    this.own = new OwnMedia(devices, options, changed);
    if (options.microphone ?? true) void this.own.set("microphone", true);
    if (options.camera ?? true) void this.own.set("camera", true);
  }

  /** What there is to give, for all that is known. */
  get has(): { readonly audio: boolean; readonly video: boolean } {
    const { microphone, camera } = this.own;
    return { audio: microphone.fault === null, video: camera.fault === null };
  }

  get sent(): Readonly<Record<Slot, MediaStreamTrack | null>> {
    const { sent } = this.own;
    return this.saving.on ? { ...sent, video: null } : sent;
  }

  /** What the others receive of me, for the visit's record; null: a device is being opened. */
  get media(): MediaKind | null {
    const { camera, microphone } = this.own;
    if (camera.opening || microphone.opening) return null;
    if (camera.on && camera.track !== null && !this.saving.on) return "video";
    return microphone.track ? "audio" : "none";
  }

  get view(): OwnMediaView {
    const { microphone, camera, screen } = this.own;
    const savingVideo = this.saving.on && camera.on;
    return { microphone, camera, screen, mutedByClinician: this.mutedByClinician, savingVideo };
  }

  setMicrophone(on: boolean): Promise<void> {
    if (on) this.mutedByClinician = false;
    return this.own.set("microphone", on);
  }

  setCamera(on: boolean): Promise<void> {
    this.saving = noSaving;
    return this.own.set("camera", on);
  }

  choose(kind: DeviceKind, device: string | null): Promise<void> {
    return this.own.choose(kind, device);
  }

  share(on: boolean): Promise<void> {
    return this.own.share(on);
  }

  /** A clinician has asked for silence. */
  hush(): void {
    this.mutedByClinician = true;
    void this.own.set("microphone", false);
  }

  /** How well the worst link was, once more. */
  measured(quality: LinkQuality): void {
    if (!this.own.camera.on) return;
    const before = this.saving;
    this.saving = save(before, quality);
    if (this.saving.on !== before.on) this.changed();
  }

  stop(): void {
    this.own.stop();
  }
}
