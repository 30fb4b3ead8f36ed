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
  private voiceOnly: boolean;
  /** The camera goes on again with the pictures. */
  private hadCamera = false;

  constructor(devices: Devices, options: CallOptions, changed: () => void) {
    this.changed = changed;
    this.own = new OwnMedia(devices, options, changed);
    this.voiceOnly = options.voiceOnly ?? false;
    if (options.microphone ?? true) void this.own.set("microphone", true);
    if (!this.voiceOnly && (options.camera ?? true)) void this.own.set("camera", true);
  }

  /** What there is to give, for all that is known. */
  get has(): { readonly audio: boolean; readonly video: boolean } {
    const { microphone, camera } = this.own;
    return { audio: microphone.fault === null, video: camera.fault === null };
  }

  get sent(): Readonly<Record<Slot, MediaStreamTrack | null>> {
    const { sent } = this.own;
    return this.saving.level > 0 ? { ...sent, video: null } : sent;
  }

  /** Whether the others' pictures are to come. */
  get wantsPictures(): boolean {
    return !this.voiceOnly && this.saving.level < 2;
  }

  /** What the others receive of me, for the visit's record; null: a device is being opened. */
  get media(): MediaKind | null {
    const { camera, microphone } = this.own;
    if (camera.opening || microphone.opening) return null;
    if (camera.on && camera.track !== null && this.saving.level === 0) return "video";
    return microphone.track ? "audio" : "none";
  }

  get view(): OwnMediaView {
    const { microphone, camera, screen, blur, unblurred } = this.own;
    const { mutedByClinician, voiceOnly, saving } = this;
    return {
      ...{ microphone, camera, screen, mutedByClinician, blur, unblurred, voiceOnly },
      savingVideo: saving.level > 0 && camera.on,
      savingPictures: saving.level > 1,
    };
  }

  setMicrophone(on: boolean): Promise<void> {
    if (on) this.mutedByClinician = false;
    return this.own.set("microphone", on);
  }

  setCamera(on: boolean): Promise<void> {
    this.saving = noSaving;
    if (on) this.voiceOnly = false;
    return this.own.set("camera", on);
  }

  setBlur(on: boolean): Promise<void> {
    return this.own.setBlur(on);
  }

  async setVoiceOnly(on: boolean): Promise<void> {
    if (on === this.voiceOnly) return;
    const { camera } = this.own;
    if (on) this.hadCamera = camera.on || camera.opening;
    this.voiceOnly = on;
    this.saving = noSaving;
    if (on || this.hadCamera) await this.own.set("camera", !on);
    this.changed();
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

  /** How well the worst link was, once more, and whether it can hold back the others' pictures. */
  measured(quality: LinkQuality, holdsBack: boolean): void {
    if (this.voiceOnly) return;
    const before = this.saving;
    this.saving = save(before, quality, holdsBack ? 2 : 1);
    if (this.saving.level !== before.level) this.changed();
  }

  stop(): void {
    this.own.stop();
  }
}
