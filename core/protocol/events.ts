import type { DeliveredEvent } from "../domain/conversation/events.ts";
import type { Readable } from "../domain/conversation/view.ts";

/**
 * A delivered event: its payload, and its place. `prev` is the seq of the event delivered before it, so
 * whoever holds another last seq knows that something is missing and asks with `chat.resume`.
 */
export type WireEvent<E extends { readonly type: string } = DeliveredEvent> = E extends unknown
  ? E & { readonly seq: number; readonly prev: number; readonly from: string; readonly at: number }
  : never;

/** The same event as `chat.resume` gives it. */
export type ResumedEvent = Readable<WireEvent>;

/** What `chat.resume { after }` answers: the events after that seq, in order. `more`: ask again. */
export interface ResumeReply {
  readonly events: readonly ResumedEvent[];
  readonly lastSeq: number;
  readonly more: boolean;
}

/** What every journaled request is answered with, once it is durable. `at` is milliseconds since the epoch. */
export interface CommandReply {
  readonly seq: number;
  readonly at: number;
}

/** Names of the messages a room sends by itself. */
export const serverMessages = { events: "events", error: "error", moved: "room.moved" } as const;

/** Sent for a fire-and-forget message that was refused; `re` is the name of that message. */
export interface ErrorMessage {
  readonly re: string;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/**
 * Sent to everyone in a room that has moved to another process: the seat is kept there under the same
 * session, and is consumed with the client library (`consumeSeatReservation`); then the old connection is dropped.
 */
export interface MovedMessage {
  readonly seat: Seat;
}

/** A seat reservation as Colyseus clients take it. */
export interface Seat {
  readonly name: string;
  readonly sessionId: string;
  readonly roomId: string;
  readonly processId: string;
  /** Host, and port where it has one. Left out where a process is alone: then it is where the client asked. */
  readonly publicAddress?: string;
}
