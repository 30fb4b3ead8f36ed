import type { BeginTake, Take, TakeHost } from "./call-recorder.ts";
import type { Scene } from "./scene.ts";

/** Where to find what is to be recorded: now, and whenever it has changed. */
export interface SceneSource {
  readonly scene: Scene;
  on(changed: () => void): () => void;
}

const format = "video/webm;codecs=vp8,opus";
const size = { width: 1_280, height: 360 };
const rate = 15;
const slice = 2_000;
const bits = { videoBitsPerSecond: 700_000, audioBitsPerSecond: 64_000 };

/** Records with the browser's own recorder: everyone's picture on a canvas, everyone's voice mixed. */
export function browserTakes(source: SceneSource): BeginTake {
  return (host) => {
    if (typeof MediaRecorder === "undefined" || !MediaRecorder.isTypeSupported(format)) {
      throw new Error("This browser cannot record calls.");
    }
    return new BrowserTake(source, host);
  };
}

class BrowserTake implements Take {
  private readonly recorder: MediaRecorder;
  private readonly audio = new AudioContext();
  private readonly mixed = this.audio.createMediaStreamDestination();
  private readonly canvas = Object.assign(document.createElement("canvas"), size);
  private readonly videos = new Map<MediaStreamTrack, HTMLVideoElement>();
  private readonly voices = new Map<MediaStreamTrack, MediaStreamAudioSourceNode>();
  private readonly source: SceneSource;
  private readonly unsubscribe: () => void;
  private readonly drawing: ReturnType<typeof setInterval>;

  constructor(source: SceneSource, host: TakeHost) {
    this.source = source;
    const pictures = this.canvas.getContext("2d", { alpha: false });
    if (!pictures) throw new Error("This browser cannot record calls.");
    this.drawing = setInterval(() => this.draw(pictures), 1_000 / rate);
    this.unsubscribe = source.on(() => this.follow());
    this.follow();
    this.draw(pictures);
    const tracks = [...this.canvas.captureStream(rate).getTracks(), ...this.mixed.stream.getTracks()];
    this.recorder = new MediaRecorder(new MediaStream(tracks), { mimeType: format, ...bits });
    this.recorder.addEventListener("dataavailable", ({ data }) => host.slice(data));
    this.recorder.addEventListener("stop", () => {
      this.release();
      host.ended();
    });
    this.recorder.start(slice);
    void this.audio.resume().catch(() => undefined);
  }

  stop(): void {
    // From now on there is nothing to take in, however long the rest may take.
    this.unsubscribe();
    clearInterval(this.drawing);
    for (const node of this.voices.values()) node.disconnect();
    if (this.recorder.state !== "inactive") this.recorder.stop();
  }

  private release(): void {
    this.unsubscribe();
    clearInterval(this.drawing);
    for (const video of this.videos.values()) video.srcObject = null;
    for (const track of this.recorder.stream.getTracks()) track.stop();
    void this.audio.close().catch(() => undefined);
  }

  /** Takes up who has come, and lets go of who is not seen or heard any more. */
  private follow(): void {
    const { pictures, voices } = this.source.scene;
    const seen = pictures.map(({ track }) => track);
    for (const [track, video] of this.videos) {
      if (seen.includes(track)) continue;
      video.srcObject = null;
      this.videos.delete(track);
    }
    for (const track of seen) if (!this.videos.has(track)) this.videos.set(track, playing(track));
    for (const [track, node] of this.voices) {
      if (voices.includes(track)) continue;
      node.disconnect();
      this.voices.delete(track);
    }
    for (const track of voices) {
      if (this.voices.has(track)) continue;
      const node = this.audio.createMediaStreamSource(new MediaStream([track]));
      node.connect(this.mixed);
      this.voices.set(track, node);
    }
  }

  private draw(pictures: CanvasRenderingContext2D): void {
    pictures.fillRect(0, 0, size.width, size.height);
    for (const { track, x, y, width, height } of this.source.scene.pictures) {
      const video = this.videos.get(track);
      if (!video || video.videoWidth === 0) continue;
      const cell = { width: width * size.width, height: height * size.height };
      const scale = Math.min(cell.width / video.videoWidth, cell.height / video.videoHeight);
      const [wide, high] = [video.videoWidth * scale, video.videoHeight * scale];
      const left = x * size.width + (cell.width - wide) / 2;
      pictures.drawImage(video, left, y * size.height + (cell.height - high) / 2, wide, high);
    }
  }
}

function playing(track: MediaStreamTrack): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  void video.play().catch(() => undefined);
  return video;
}
