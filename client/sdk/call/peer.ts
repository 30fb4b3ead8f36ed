import type { LinkSample } from "./quality.ts";

/** Of the streams that a peer sends: its own picture and voice, or its screen. */
export type StreamName = "main" | "screen";

/** One end of a connection between two browsers. The browser's own, or a test's, is behind this. */
export interface Peer {
  readonly signalingState: RTCSignalingState;
  readonly connectionState: RTCPeerConnectionState;
  /** What was said last of what this end sends. */
  readonly localDescription: RTCSessionDescriptionInit | null;
  /** The id under which the other end sees a stream of ours. */
  streamId(name: StreamName): string;
  /** Sends a track; has to be agreed upon with the other end. */
  add(track: MediaStreamTrack, stream: StreamName): PeerSender;
  /** Makes an offer or an answer, whichever is due. */
  setLocalDescription(): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void>;
  restartIce(): void;
  measure(): Promise<LinkSample>;
  /** How loud what comes in is at this moment, from 0 to 1. */
  level(): number;
  close(): void;
}

export interface PeerSender {
  /** In place of the one before, without a word to the other end. */
  replace(track: MediaStreamTrack | null): Promise<void>;
}

/** What a peer tells. Nothing is told after `close`. */
export interface PeerHost {
  negotiationNeeded(): void;
  candidate(candidate: RTCIceCandidateInit): void;
  track(track: MediaStreamTrack, streamId: string): void;
  connectionState(state: RTCPeerConnectionState): void;
}

export type MakePeer = (host: PeerHost) => Peer;
