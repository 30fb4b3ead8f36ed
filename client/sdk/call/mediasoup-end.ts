import type { Slot } from "./call-link.ts";

/** What mediasoup's libraries say to each other; they check it at both ends. */
export type Json = Readonly<Record<string, unknown>>;

/** One of the two connections with the media process. */
export const ways = ["receive", "send"] as const;
export type Way = (typeof ways)[number];

export type Stats = Pick<RTCStatsReport, "forEach">;

/** The browser's end of a session on mediasoup. The library, or a test's, is behind this. */
export interface MediasoupEnd {
  /** What this browser can receive. */
  readonly rtpCapabilities: Json;
  /** Whether anything may be sent. */
  readonly gives: boolean;
  /** Connects, and hears the news from then on. */
  listen(): Promise<void>;
  /** Begins to send in a slot. */
  produce(slot: Slot, track: MediaStreamTrack): Promise<void>;
  /** What is sent in a slot from now on, at once, whatever else is under way; null: nothing. */
  carry(slot: Slot, track: MediaStreamTrack | null): void;
  /** Sends no more in a slot, until `produce`. */
  unproduce(slot: Slot): void;
  consume(taken: Consumed): Promise<Incoming>;
  /** With what the other end said to it. */
  restartIce(way: Way, iceParameters: Json): Promise<void>;
  stats(way: Way): Promise<Stats | null>;
  close(): void;
}

/** What an end asks of the media process, and tells. It tells nothing after `close`. */
export interface MediasoupEndHost {
  connect(way: Way, dtlsParameters: Json): Promise<void>;
  /** Resolves with the producer's id. */
  produce(slot: Slot, rtpParameters: Json): Promise<string>;
  state(way: Way, state: RTCPeerConnectionState): void;
  /** What came over the data channel; null: it is closed. */
  news(data: unknown): void;
}

/** What a media process says of something that one takes. */
export interface Consumed {
  readonly consumer: string;
  readonly producer: string;
  readonly kind: "audio" | "video";
  readonly rtpParameters: Json;
}

/** What comes from somebody. */
export interface Incoming {
  readonly track: MediaStreamTrack;
  getStats(): Promise<Stats>;
  close(): void;
}
