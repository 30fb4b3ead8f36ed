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
