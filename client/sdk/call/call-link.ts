import type { LinkSample } from "./quality.ts";

/** What somebody may send. */
export const slots = ["audio", "video", "screen"] as const;
export type Slot = (typeof slots)[number];

/** Which of them somebody does send. */
export type Sending = Readonly<Record<Slot, boolean>>;
export const nothingSent: Sending = { audio: false, video: false, screen: false };

export type LinkState = "connecting" | "connected" | "reconnecting";

/** A line of what is said. It grows under the same `id` until it is `final`. */
export interface Caption {
  readonly id: string;
  readonly person: string;
  readonly text: string;
  readonly final: boolean;
}

/** What a link tells the call. */
export interface LinkHost {
  /** Passes something through the room; without `to` to everyone in the call. Rejects when it could not. */
  signal(data: object, to?: string): Promise<void>;
  /** Asks the backend itself, through the room, once. Rejects when that could not be done, or was refused. */
  ask(data: object): Promise<unknown>;
  /** Whether the room, which is in reach, has the call in this session. */
  current(): boolean;
  /** Whether we both can reach the room: while we cannot, silence means nothing. */
  reachable(person: string): boolean;
  track(person: string, slot: Slot, track: MediaStreamTrack | null): void;
  sending(person: string, what: Sending): void;
  state(person: string, state: LinkState): void;
  /** Who speaks at this moment, as far as this backend knows. */
  speaking(people: readonly string[]): void;
  /** What somebody says, in writing. */
  caption(caption: Caption): void;
  /** It does not come about, or back, with this person; null: with anybody. */
  failed(person: string | null): void;
  /** I am in the call from another window or device. */
  elsewhere(): void;
  /** My place in the session is lost, and I have to join it again. */
  again(): void;
}

/**
 * How one session of a call is carried, for one backend. Everything above it is the same whichever backend
 * serves.
 */
export interface CallLink {
  /** Sends this from now on; null: nothing of that kind. */
  send(slot: Slot, track: MediaStreamTrack | null): void;
  /** Who is in the call beside me. */
  people(present: readonly string[]): void;
  /** These receive nothing of me for now. */
  withhold(from: readonly string[]): void;
  /** Whether the others' pictures and screens are to come. Left out: they cannot be held back. */
  wantPictures?(on: boolean): void;
  receive(from: string, data: unknown): void;
  /** The room can be reached again; what was said meanwhile is lost. */
  resumed(): void;
  /** How well each of the others is reached. */
  measure(): Promise<ReadonlyMap<string, LinkSample>>;
  /** How well what I send leaves here, as measured last, where that is one thing for all of them. */
  uplink?(): LinkSample | null;
  close(): void;
}
