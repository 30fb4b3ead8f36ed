/** A track that carries nothing. */
export class FakeTrack extends EventTarget implements MediaStreamTrack {
  private static made = 0;
  readonly kind: "audio" | "video";
  readonly id: string;
  readonly label: string;
  readonly muted = false;
  contentHint = "";
  enabled = true;
  readyState: MediaStreamTrackState = "live";
  /** Whether a camera blurs what is behind one; null: it cannot. */
  blur: boolean | null = null;
  onended = null;
  onmute = null;
  onunmute = null;

  constructor(kind: "audio" | "video", label = "") {
    super();
    this.kind = kind;
    this.label = label;
    FakeTrack.made += 1;
    this.id = `track-${FakeTrack.made}`;
  }

  stop(): void {
    this.readyState = "ended";
  }

  /** As when it is unplugged. */
  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }

  clone(): FakeTrack {
    return new FakeTrack(this.kind, this.label);
  }

  async applyConstraints(constraints: MediaTrackConstraints & { backgroundBlur?: boolean }): Promise<void> {
    const { backgroundBlur } = constraints;
    if (this.blur !== null && backgroundBlur !== undefined) this.blur = backgroundBlur;
  }

  getCapabilities(): MediaTrackCapabilities & { backgroundBlur?: readonly boolean[] } {
    return this.blur === null ? {} : { backgroundBlur: [false, true] };
  }

  getConstraints(): MediaTrackConstraints {
    return {};
  }

  getSettings(): MediaTrackSettings & { backgroundBlur?: boolean } {
    return this.blur === null ? {} : { backgroundBlur: this.blur };
  }
}
