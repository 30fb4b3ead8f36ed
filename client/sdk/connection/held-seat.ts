import type { Seat } from "../../../core/protocol/events.ts";
import type { OpenRoom, RoomListener, RoomPort } from "./room-port.ts";

/**
 * A seat from asking for it to its end. What the room says to those who see it is held back until the seat is
 * used, so that another one can be in use until this one has shown everything.
 */
export class HeldSeat<State, Messages> {
  private readonly listener: RoomListener<State, Messages>;
  private readonly shown = Promise.withResolvers<void>();
  private held: (() => void)[] | null = [];
  private port: RoomPort | null = null;
  private dropped = false;

  constructor(listener: RoomListener<State, Messages>) {
    this.listener = listener;
  }

  /** The server has given the seat, whether or not it has shown anything. */
  get taken(): boolean {
    return this.port !== null;
  }

  /** Resolves once the seat is taken and the room has shown its state. Rejects as `open` does. */
  async take(open: OpenRoom<State, Messages>, kept?: Seat): Promise<RoomPort> {
    const { listener, shown } = this;
    const port = await open(
      {
        state: (state, touched) => {
          this.say(() => listener.state(state, touched));
          shown.resolve();
        },
        message: (name, payload) => this.say(() => listener.message(name, payload)),
        error: (message) => this.say(() => listener.error(message)),
        moved: (seat) => listener.moved(seat),
        heard: () => listener.heard(),
        closed: (code) => listener.closed(code),
      },
      kept,
    );
    this.port = port;
    if (this.dropped) port.drop();
    await shown.promise;
    return port;
  }

  /** Says what was held back; from now on everything is said as it comes. */
  use(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const tell of held) tell();
  }

  /** Gives it up without a word, also where it is yet to come. */
  drop(): void {
    this.dropped = true;
    this.port?.drop();
  }

  async leave(): Promise<void> {
    await this.port?.leave();
  }

  private say(tell: () => void): void {
    if (this.held) this.held.push(tell);
    else tell();
  }
}
