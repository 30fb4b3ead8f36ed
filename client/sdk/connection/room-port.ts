import type { ErrorMessage, Seat } from "../../../core/protocol/events.ts";

/** One seat in a room, from joining to its end. What carries it (Colyseus, a test's stub) is behind this. */
export interface RoomPort {
  /** Rejects with a `HugMeDoError`: the room's own, or `unavailable` when no answer came or the seat is lost. */
  request<Reply>(name: string, payload: unknown): Promise<Reply>;
  /** Resolves when the server answers, whatever it is doing. */
  ping(): Promise<void>;
  /** Gives the seat up without a word: what is pending rejects at once, nothing is heard any more. */
  drop(): void;
  /** Says good-bye; resolves when the server has closed the seat. */
  leave(): Promise<void>;
}

/** The objects within a state (entries, lists) that are not as they were at the call before. */
export type Touched = ReadonlySet<unknown>;

/** What a room tells; `Messages` are its own, by name. `closed` is the last, and does not follow `drop` or `leave`. */
export interface RoomListener<State, Messages> {
  /**
   * The state as it is now; the object is the same each time and changes. Without `touched` anything in it
   * may have changed.
   */
  state(state: State, touched?: Touched): void;
  message<K extends keyof Messages>(name: K, payload: Messages[K]): void;
  /** A fire-and-forget message was refused. */
  error(message: ErrorMessage): void;
  /** The room lives on elsewhere, where this seat is kept for some seconds. */
  moved(seat: Seat): void;
  /** Anything at all arrived. */
  heard(): void;
  closed(code: number): void;
}

/**
 * Takes a seat: one that is kept, or through the matchmaker, which knows where the room is. Rejects with a
 * `HugMeDoError`; it is `unavailable` where nothing answered.
 */
export type OpenRoom<State, Messages> = (
  listener: RoomListener<State, Messages>,
  kept?: Seat,
) => Promise<RoomPort>;
