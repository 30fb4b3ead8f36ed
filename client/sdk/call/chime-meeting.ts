import type { AudioVideoFacade, TranscriptionController } from "amazon-chime-sdk-js";
import type { ChimeJoin } from "../../../core/protocol/call.ts";

/** Amazon's library, as far as it is used; whoever has it gives it, so that nobody else has to load it. */
export type ChimeLibrary = Pick<
  typeof import("amazon-chime-sdk-js"),
  | "DefaultDeviceController"
  | "DefaultMeetingSession"
  | "MeetingSessionConfiguration"
  | "MeetingSessionStatusCode"
  | "NoOpLogger"
>;

/** What a link does with a meeting: the library's own functions. */
export type ChimeAudioVideo = Pick<
  AudioVideoFacade,
  | "addObserver"
  | "start"
  | "stop"
  | "startAudioInput"
  | "stopAudioInput"
  | "startVideoInput"
  | "stopVideoInput"
  | "startLocalVideoTile"
  | "stopLocalVideoTile"
  | "startContentShare"
  | "stopContentShare"
  | "realtimeMuteLocalAudio"
  | "realtimeUnmuteLocalAudio"
  | "realtimeSubscribeToAttendeeIdPresence"
  | "realtimeSubscribeToVolumeIndicator"
  | "getCurrentMeetingAudioStream"
  | "getRTCPeerConnectionStats"
> & {
  /** null or left out: this library writes nothing down. */
  readonly transcriptionController?: Pick<TranscriptionController, "subscribeToTranscriptEvent"> | null;
};

/** Why a meeting stopped. `removed`: it knows this attendee no more. */
export type ChimeStop = "left" | "elsewhere" | "removed" | "failed";

export interface ChimeMeeting {
  readonly audioVideo: ChimeAudioVideo;
  /** What a code of the library's means. */
  whyStopped(code: number): ChimeStop;
  destroy(): Promise<void>;
}

/** The library gives up then (ms); by itself it would go on for two minutes. */
const reconnectMs = 20_000;

/** A meeting in a browser. It keeps no log: that would hold tokens. */
export function openChimeMeeting(library: ChimeLibrary, { meeting, attendee }: ChimeJoin): ChimeMeeting {
  const { MeetingSessionConfiguration, MeetingSessionStatusCode: codes } = library;
  const logger = new library.NoOpLogger();
  const configuration = new MeetingSessionConfiguration({ Meeting: meeting }, { Attendee: attendee });
  configuration.reconnectTimeoutMs = reconnectMs;
  const devices = new library.DefaultDeviceController(logger);
  const session = new library.DefaultMeetingSession(configuration, logger, devices);
  const meanings = new Map<number, ChimeStop>([
    [codes.OK, "left"],
    [codes.Left, "left"],
    [codes.AudioJoinedFromAnotherDevice, "elsewhere"],
    [codes.AudioAuthenticationRejected, "removed"],
    [codes.AudioAttendeeRemoved, "removed"],
  ]);
  return {
    audioVideo: session.audioVideo,
    whyStopped: (code) => meanings.get(code) ?? "failed",
    destroy: async () => {
      await session.destroy();
      await devices.destroy();
    },
  };
}
