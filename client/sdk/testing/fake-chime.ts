import {
  type AudioVideoObserver,
  MeetingSessionStatus,
  type TranscriptEvent,
  TranscriptItemType,
  type TranscriptionStatusType,
  VideoTileState,
} from "amazon-chime-sdk-js";
import type { ChimeAudioVideo, ChimeMeeting, ChimeStop } from "../call/chime-meeting.ts";
import { FakeTrack } from "./fake-track.ts";

type Presence = Parameters<ChimeAudioVideo["realtimeSubscribeToAttendeeIdPresence"]>[0];
type Volume = Parameters<ChimeAudioVideo["realtimeSubscribeToVolumeIndicator"]>[1];

const whys: readonly ChimeStop[] = ["left", "elsewhere", "removed", "failed"];

/** A meeting as Amazon's library shows it to a page, with what was done to it. */
export class FakeChime implements ChimeMeeting {
  readonly done: string[] = [];
  readonly sound = new FakeTrack("audio");
  /** What the library was given, as it was given. */
  readonly given: MediaStreamTrack[] = [];
  private observer: AudioVideoObserver = {};
  private presence: Presence = () => undefined;
  private transcript: (event: TranscriptEvent) => void = () => undefined;
  private readonly volumes = new Map<string, Volume>();

  readonly audioVideo: ChimeAudioVideo = {
    addObserver: (observer) => {
      this.observer = observer;
    },
    start: () => this.note("start"),
    stop: () => this.note("stop"),
    startAudioInput: (device) => this.take("startAudioInput", device),
    stopAudioInput: async () => this.note("stopAudioInput"),
    startVideoInput: (device) => this.take("startVideoInput", device),
    stopVideoInput: async () => this.note("stopVideoInput"),
    startLocalVideoTile: () => {
      this.note("startLocalVideoTile");
      return 1;
    },
    stopLocalVideoTile: () => this.note("stopLocalVideoTile"),
    startContentShare: async (stream) => {
      await this.take("startContentShare", stream);
    },
    stopContentShare: () => this.note("stopContentShare"),
    realtimeMuteLocalAudio: () => this.note("mute"),
    realtimeUnmuteLocalAudio: () => {
      this.note("unmute");
      return true;
    },
    realtimeSubscribeToAttendeeIdPresence: (callback) => {
      this.presence = callback;
    },
    realtimeSubscribeToVolumeIndicator: (attendee, callback) => {
      this.volumes.set(attendee, callback);
    },
    transcriptionController: {
      subscribeToTranscriptEvent: (callback) => {
        this.transcript = callback;
      },
    },
    getCurrentMeetingAudioStream: async () => new MediaStream([this.sound]),
    getRTCPeerConnectionStats: async () => new Map(),
  };

  whyStopped(code: number): ChimeStop {
    return whys[code] ?? "failed";
  }

  async destroy(): Promise<void> {
    this.note("destroy");
  }

  /** What was done since it was asked last. */
  news(): string[] {
    return this.done.splice(0);
  }

  starts(): void {
    this.observer.audioVideoDidStart?.();
  }

  reconnects(): void {
    this.observer.audioVideoDidStartConnecting?.(true);
  }

  stops(why: ChimeStop): void {
    this.observer.audioVideoDidStop?.(new MeetingSessionStatus(whys.indexOf(why)));
  }

  comes(attendee: string, name: string, present = true): void {
    this.presence(attendee, present, name);
  }

  volume(attendee: string, muted: boolean | null, signal: number | null, volume: number | null = null): void {
    this.volumes.get(attendee)?.(attendee, volume, muted, signal);
  }

  /** Somebody has said this so far. */
  says(externalUserId: string, resultId: string, transcript: string, isPartial: boolean): void {
    const time = { startTimeMs: 0, endTimeMs: 1 };
    const attendee = { attendeeId: "any", externalUserId };
    const item = { ...time, attendee, content: transcript, type: TranscriptItemType.PRONUNCIATION };
    this.transcript({
      results: [{ ...time, resultId, isPartial, alternatives: [{ transcript, items: [item] }] }],
    });
  }

  /** News of how the writing goes. */
  writes(type: TranscriptionStatusType): void {
    const news = { eventTimeMs: 1, transcriptionRegion: "r", transcriptionConfiguration: "{}" };
    this.transcript({ ...news, type });
  }

  tile(tileId: number, name: string, track: MediaStreamTrack, isContent = false): void {
    const state = Object.assign(new VideoTileState(), {
      ...{ tileId, isContent, boundExternalUserId: name },
      boundVideoStream: new MediaStream([track]),
    });
    this.observer.videoTileDidUpdate?.(state);
  }

  untile(tileId: number): void {
    this.observer.videoTileWasRemoved?.(tileId);
  }

  private note(what: string): void {
    this.done.push(what);
  }

  private async take(what: string, device: unknown): Promise<undefined> {
    this.note(what);
    if (device instanceof MediaStream) this.given.push(...device.getTracks());
  }
}

/** Streams of a browser's, where there is none. */
export class FakeStream {
  private readonly tracks: readonly MediaStreamTrack[];

  constructor(tracks: readonly MediaStreamTrack[] = []) {
    this.tracks = tracks;
  }

  getTracks(): readonly MediaStreamTrack[] {
    return this.tracks;
  }

  getAudioTracks(): readonly MediaStreamTrack[] {
    return this.tracks.filter(({ kind }) => kind === "audio");
  }

  getVideoTracks(): readonly MediaStreamTrack[] {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}
