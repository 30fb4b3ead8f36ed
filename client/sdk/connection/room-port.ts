import type { ErrorMessage, WireEvent } from "../../../core/protocol/events.ts";

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

/** What a room tells. `closed` is the last of it, and is not called for `drop` and `leave`. */
export interface RoomListener<State> {
  /** The state as it is now; the object is the same each time and changes. */
  state(state: State): void;
  events(events: readonly WireEvent[]): void;
  /** A fire-and-forget message was refused. */
  error(message: ErrorMessage): void;
  /** The room lives on elsewhere, where a seat is kept. */
  moved(): void;
  /** Anything at all arrived. */
  heard(): void;
  closed(code: number): void;
}

/** Takes a seat. Rejects with a `HugMeDoError`; it is `unavailable` where nothing answered. */
export type OpenRoom<State> = (listener: RoomListener<State>) => Promise<RoomPort>;
