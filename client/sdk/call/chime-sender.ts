import { Lane } from "../lib/lane.ts";
import { type Slot, slots } from "./call-link.ts";
import type { ChimeAudioVideo } from "./chime-meeting.ts";

type Tracks = Record<Slot, MediaStreamTrack | null>;
const none: Tracks = { audio: null, video: null, screen: null };

/**
 * Gives a meeting what I send. The library stops what it was given, so it is given copies: a microphone that is off
 * goes on for the page.
 */
export class ChimeSender {
  private readonly lane = new Lane();
  private readonly wanted: Tracks = { ...none };
  private given: Tracks = { ...none };
  private withheld = false;
  private audioVideo: ChimeAudioVideo | null = null;

  send(slot: Slot, track: MediaStreamTrack | null): void {
    this.wanted[slot] = track;
    void this.give(slot);
  }

  withhold(on: boolean): void {
    if (on === this.withheld) return;
    this.withheld = on;
    for (const slot of slots) void this.give(slot);
  }

  /** From now on to this meeting. Resolves when it has all that there is. */
  async serve(audioVideo: ChimeAudioVideo): Promise<void> {
    this.audioVideo = audioVideo;
    this.given = { ...none };
    audioVideo.realtimeMuteLocalAudio();
    await Promise.all(slots.map((slot) => this.give(slot)));
  }

  /** The meeting gives everything back. */
  async stop(): Promise<void> {
    const { audioVideo } = this;
    this.audioVideo = null;
    await this.lane.run(async () => {
      await Promise.allSettled([audioVideo?.stopAudioInput(), audioVideo?.stopVideoInput()]);
      audioVideo?.stopContentShare();
    });
  }

  /** A fault in one of them leaves the others as they are; what cannot be sent is not. */
  private give(slot: Slot): Promise<void> {
    const work = this.lane.run(async () => {
      const { audioVideo, given } = this;
      const track = this.withheld ? null : this.wanted[slot];
      if (!audioVideo) return;
      if (slot === "audio") await this.speak(audioVideo, track);
      else if (track !== given[slot]) {
        given[slot] = track;
        await (slot === "video" ? showCamera(audioVideo, track) : showScreen(audioVideo, track));
      }
    });
    return work.catch(() => undefined);
  }

  /** Silence is quicker than another input. */
  private async speak(audioVideo: ChimeAudioVideo, track: MediaStreamTrack | null): Promise<void> {
    if (!track) return audioVideo.realtimeMuteLocalAudio();
    if (track !== this.given.audio) {
      await audioVideo.startAudioInput(copyOf(track));
      this.given.audio = track;
    }
    audioVideo.realtimeUnmuteLocalAudio();
  }
}

async function showCamera(audioVideo: ChimeAudioVideo, track: MediaStreamTrack | null): Promise<void> {
  if (!track) {
    audioVideo.stopLocalVideoTile();
    await audioVideo.stopVideoInput();
  } else {
    await audioVideo.startVideoInput(copyOf(track));
    audioVideo.startLocalVideoTile();
  }
}

async function showScreen(audioVideo: ChimeAudioVideo, track: MediaStreamTrack | null): Promise<void> {
  if (track) await audioVideo.startContentShare(copyOf(track));
  else audioVideo.stopContentShare();
}

function copyOf(track: MediaStreamTrack): MediaStream {
  const copy = track.clone();
  copy.contentHint = track.contentHint;
  return new MediaStream([copy]);
}
