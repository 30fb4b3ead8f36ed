import type { Rejection } from "../../../core/domain/errors.ts";
import type { ErrorMessage } from "../../../core/protocol/events.ts";
import type { ConnectionStatus } from "../types.ts";
import type { RoomPort, Touched } from "./room-port.ts";

/** What the room's own side does with a connection. */
export interface RoomHost<State, Messages> {
  /** The first of a seat comes before `catchUp`, with what was said before it; it may show anything anew. */
  state(state: State, touched?: Touched): void;
  message<K extends keyof Messages>(name: K, payload: Messages[K]): void;
  error(message: ErrorMessage): void;
  /**
   * A new seat: fetch what was missed, and ask again what has no answer. The connection is live once this
   * resolves; if it rejects, the seat goes. After `lost` it counts for nothing how it ends.
   */
  catchUp(port: RoomPort): Promise<void>;
  /**
   * The seat is gone, or its room is: nothing more is to be asked over it, or heard. What was asked fails in the
   * first case, and may still be answered in the second, until there is another seat.
   */
  lost(): void;
  /** A room that moves, and a seat that is followed there, do not change it. */
  status(status: ConnectionStatus, reason: Rejection | null): void;
}
