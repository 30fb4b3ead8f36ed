import type { Rejection } from "../../../core/domain/errors.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import { fromRejection, HugMeDoError, unreachable } from "../errors.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { Lane } from "../lib/lane.ts";
import type { ConnectionStatus } from "../types.ts";
import { Courier } from "./courier.ts";
import type { NetworkHints } from "./network-hints.ts";
import { RoomConnection } from "./room-connection.ts";
import type { OpenRoom, RoomPort, Touched } from "./room-port.ts";

/** What is shown of a room, and what it has to know of the connection. */
export interface LinkHost<State, Messages> {
  state(state: State, touched?: Touched): void;
  message<K extends keyof Messages>(name: K, payload: Messages[K]): void;
  /** Whether the present seat has said everything that is shown; asked after each of the above. */
  complete(): boolean;
  /** A seat was taken. */
  seated?(port: RoomPort): void;
  /** The seat is gone, or left for another where the room moved to. */
  lost(): void;
  status(status: ConnectionStatus, reason: Rejection | null): void;
}

export interface LinkParts<State, Messages> {
  readonly open: OpenRoom<State, Messages>;
  readonly host: LinkHost<State, Messages>;
  readonly clock: Clock;
  readonly hints: NetworkHints;
}

/** How long a new seat may take to say everything, in ms. */
const patience = 10_000;
const left = "The room was left before it answered.";

/**
 * A room that is kept joined, with requests that go again until they are answered. It is live while all that
 * is shown is of the present seat.
 */
export class RoomLink<State, Messages> {
  private readonly parts: LinkParts<State, Messages>;
  private readonly courier: Courier;
  private readonly commands = new Lane();
  private readonly connection: RoomConnection<State, Messages>;
  private whole = Promise.withResolvers<void>();

  constructor(parts: LinkParts<State, Messages>) {
    const { open, clock, hints, host } = parts;
    this.parts = parts;
    this.courier = new Courier(clock);
    this.connection = new RoomConnection({
      open,
      clock,
      hints,
      host: {
        state: (state, touched) => this.told(() => host.state(state, touched)),
        message: (name, payload) => this.told(() => host.message(name, payload)),
        error: () => undefined,
        catchUp: (port) => this.catchUp(port),
        lost: () => this.lose(),
        status: (status, reason) => this.takeStatus(status, reason),
      },
    });
  }

  /** Commands go out in the order in which they were given; each keeps its id until it is answered. */
  command<Reply extends CommandReply = CommandReply>(name: string, fields: object): Promise<Reply> {
    const command = { ...fields, id: newId() };
    return this.commands.run(() => this.courier.perform<Reply>(name, command));
  }

  /** A command that does not keep those after it waiting, however long it takes. */
  aside<Reply extends CommandReply = CommandReply>(name: string, fields: object): Promise<Reply> {
    return this.courier.perform<Reply>(name, { ...fields, id: newId() });
  }

  /** Says something of the moment: it is not said again. */
  say(name: string, payload: object): Promise<unknown> {
    return this.courier.once(name, payload);
  }

  /** Asks for something that changes nothing. */
  read<Reply extends object>(name: string, payload: object = {}): Promise<Reply> {
    return this.courier.read<Reply>(name, payload);
  }

  /** What has no answer yet is given up at once. */
  leave(): Promise<void> {
    this.courier.close(new HugMeDoError("room_closed", left));
    return this.connection.leave();
  }

  close(reason: Rejection | null): void {
    this.connection.close(reason);
  }

  private told(tell: () => void): void {
    tell();
    if (this.parts.host.complete()) this.whole.resolve();
  }

  private async catchUp(port: RoomPort): Promise<void> {
    const { clock, host } = this.parts;
    const { whole } = this;
    host.seated?.(port);
    await withDeadline(clock, patience, whole.promise, unreachable);
    if (whole === this.whole) this.courier.attach(port);
  }

  private lose(): void {
    this.whole = Promise.withResolvers<void>();
    this.courier.detach();
    this.parts.host.lost();
  }

  private takeStatus(status: ConnectionStatus, reason: Rejection | null): void {
    if (status === "closed")
      this.courier.close(reason ? fromRejection(reason) : new HugMeDoError("room_closed", left));
    this.parts.host.status(status, reason);
  }
}
