import type { Rejection } from "../../../core/domain/errors.ts";
import { LiveChat } from "../chat/live-chat.ts";
import { memoryOutboxStore, type OutboxStore } from "../chat/outbox-store.ts";
import type { NetworkHint } from "../connection/network-hints.ts";
import { RoomConnection } from "../connection/room-connection.ts";
import { ManualClock } from "./manual-clock.ts";
import { StubRoom } from "./stub-room.ts";

export const scope = { origin: "https://hugmedo.example", person: "me", chat: "demo" };

/** A chat of "me" on a stub of the server, with time in the test's hands. */
export interface ChatFixture {
  readonly room: StubRoom;
  readonly clock: ManualClock;
  readonly store: OutboxStore;
  readonly chat: LiveChat;
  /** Why the chat was closed for good, in order of being told. */
  readonly closings: (Rejection | null)[];
  hint(hint: NetworkHint): void;
  /** Another page of the same person on the same device: it shares the store. */
  again(): ChatFixture;
}

export interface FixtureOptions {
  readonly room?: StubRoom;
  readonly clock?: ManualClock;
  readonly store?: OutboxStore;
}

export function chatFixture(options: FixtureOptions = {}): ChatFixture {
  const { room = new StubRoom(), clock = new ManualClock(), store = memoryOutboxStore() } = options;
  const listeners = new Set<(hint: NetworkHint) => void>();
  const hints = (listener: (hint: NetworkHint) => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const closings: (Rejection | null)[] = [];
  const chat = new LiveChat({
    id: scope.chat,
    scope,
    connect: (host) => new RoomConnection({ open: room.open(scope.person), host, clock, hints }),
    history: room.history,
    readAhead: true,
    store,
    clock,
    closed: (reason) => closings.push(reason),
  });
  return {
    room,
    clock,
    store,
    chat,
    closings,
    hint: (hint) => {
      for (const listener of listeners) listener(hint);
    },
    again: () => chatFixture({ room, clock, store }),
  };
}

/** The texts that a person sees, in order: the conversation's, then those on their way. */
export function textsOf({ snapshot }: LiveChat): (string | null)[] {
  return [...snapshot.messages, ...snapshot.outbox].map(({ body }) => body);
}
