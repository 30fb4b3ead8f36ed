import { leaseMs } from "../core/domain/recording/state.ts";
import type { MediaSession } from "./backend.ts";

/** What is recorded without a break. A recording is one or more of them; they count up from 1. */
export interface Segment {
  /** The recording's id. */
  readonly recording: string;
  readonly segment: number;
}

/** How long a recorder goes on without its room (ms). */
export const recorderLeaseMs = leaseMs;

/**
 * Records a session that runs on one backend. It takes in what people give and puts it into the vault piece by piece, so that
 * a crash costs the last piece at most. Everything may be asked again, and then does nothing more.
 */
export interface Recorder {
  /** Begins a segment. It ends by itself when it has not been renewed for `recorderLeaseMs`. */
  start(session: MediaSession, segment: Segment): Promise<void>;
  /**
   * The room still wants it. `epoch` is the room's: once a higher one was seen, a lower one is refused. Resolves with whether it
   * runs; one that has ended, for whatever reason, never runs again.
   */
  renew(session: MediaSession, segment: Segment, epoch: number): Promise<"running" | "stopped">;
  /** Resolves when nothing more is taken in and what was taken in is kept. One that has not begun by then never does. */
  stop(session: MediaSession, segment: Segment): Promise<void>;
}
