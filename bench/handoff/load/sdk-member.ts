import { Client } from "@colyseus/sdk";
import { LiveChat } from "../../../client/sdk/chat/live-chat.ts";
import { memoryOutboxStore } from "../../../client/sdk/chat/outbox-store.ts";
import { colyseusRoom } from "../../../client/sdk/connection/colyseus.ts";
import { RoomConnection } from "../../../client/sdk/connection/room-connection.ts";
import type { OpenRoom } from "../../../client/sdk/connection/room-port.ts";
import { systemClock } from "../../../client/sdk/lib/clock.ts";
import type { Attendee, AttendeePlace, MemberListener } from "./attendee.ts";

/** A member of a chat by our SDK, from its parts: with a token at hand, and without a look at the history. */
export class SdkMember implements Attendee {
  readonly #place: AttendeePlace;
  readonly #listener: MemberListener;
  readonly #pending = new Set<string>();
  #chat: LiveChat | null = null;
  #seats = 0;

  constructor(place: AttendeePlace, listener: MemberListener) {
    this.#place = place;
    this.#listener = listener;
  }

  get unanswered(): number {
    return this.#pending.size;
  }

  async join(): Promise<void> {
    const { url, room, token, person } = this.#place;
    const given = async () => token ?? "";
    const open = colyseusRoom(new Client(url), { token: given, renew: given }, "chat", room);
    const live = Promise.withResolvers<void>();
    const chat = new LiveChat({
      id: room,
      scope: { origin: url, person, chat: room },
      connect: (host) =>
        new RoomConnection({
          open: this.#watched(open),
          host,
          clock: systemClock,
          hints: () => () => undefined,
        }),
      history: async () => ({ items: [], next: null }),
      readAhead: false,
      store: memoryOutboxStore(),
      clock: systemClock,
      closed: (reason) => this.#listener.fault(`the SDK gave up: ${JSON.stringify(reason)}`),
    });
    chat.on("event", (event) => {
      if (event.type === "chat.message" && event.body !== null) this.#listener.message(event.body);
    });
    chat.on("status", (status) => {
      if (status === "live") live.resolve();
    });
    this.#chat = chat;
    await live.promise;
  }

  send(id: string, body: string): void {
    this.#pending.add(id);
    this.#chat?.send(body).then(
      () => {
        this.#pending.delete(id);
        this.#listener.acknowledged(id);
      },
      (error: unknown) => this.#listener.fault(`a message was refused: ${String(error)}`),
    );
  }

  leave(): void {
    void this.#chat?.leave();
  }

  /** The app notices nothing of a move: what is to be known of it is read on the way. */
  #watched<State, Messages>(open: OpenRoom<State, Messages>): OpenRoom<State, Messages> {
    return (listener, kept) => {
      this.#seats += 1;
      let shown = this.#seats === 1;
      return open(
        {
          ...listener,
          state: (state, touched) => {
            listener.state(state, touched);
            if (!shown) this.#listener.seated(kept ? "moved" : "rejoined");
            shown = true;
          },
          moved: (seat) => {
            this.#listener.told();
            listener.moved(seat);
          },
          closed: (code) => {
            this.#listener.lost(code);
            listener.closed(code);
          },
        },
        kept,
      );
    };
  }
}
