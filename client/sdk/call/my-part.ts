import type { MediaKind } from "../../../core/domain/visit/state.ts";
import type { Slot } from "./call-link.ts";
import type { DeviceKind, Devices } from "./devices.ts";
import { OwnMedia } from "./own-media.ts";
import { noSaving, save } from "./quality.ts";
import type { CallOptions, LinkQuality, OwnMediaView } from "./types.ts";

/** `received`: null where that cannot be told from what was sent. `holdsBack`: the others' pictures can be. */
export interface Measured {
  readonly sent: LinkQuality;
  readonly received: LinkQuality | null;
  readonly holdsBack: boolean;
}

/** My part in a call: my devices, and what of them the others are given. */
export class MyPart {
  private readonly own: OwnMedia;
  private readonly changed: () => void;
  private mutedByClinician = false;
  private saving = noSaving;
  /** Where what I receive is measured by itself. */
  private sparing = noSaving;
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
    return !this.voiceOnly && !this.spares;
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
      savingPictures: this.spares,
    };
  }

  setMicrophone(on: boolean): Promise<void> {
    if (on) this.mutedByClinician = false;
    return this.own.set("microphone", on);
  }

  setCamera(on: boolean): Promise<void> {
    this.forgive();
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
    this.forgive();
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

  /** How well things went, once more. */
  measured({ sent, received, holdsBack }: Measured): void {
    if (this.voiceOnly) return;
    const before = [this.saving.level, this.spares];
    const both = received === null && holdsBack;
    this.saving = save(this.saving, sent, both ? 2 : 1);
    if (received !== null && holdsBack) this.sparing = save(this.sparing, received, 1);
    if (this.saving.level !== before[0] || this.spares !== before[1]) this.changed();
  }

  /** Whoever asks for pictures gets them, however the link has been. */
  private forgive(): void {
    this.saving = noSaving;
    this.sparing = noSaving;
  }

  private get spares(): boolean {
    return this.saving.level > 1 || this.sparing.level > 0;
  }

  stop(): void {
    this.own.stop();
  }
}
