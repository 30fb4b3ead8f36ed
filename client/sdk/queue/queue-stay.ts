import type { Rejection } from "../../../core/domain/errors.ts";
import type { PlaceMessage } from "../../../core/protocol/queue.ts";
import type { NetworkHints } from "../connection/network-hints.ts";
import { RoomLink } from "../connection/room-link.ts";
import type { OpenRoom } from "../connection/room-port.ts";
import type { WaitingMessages } from "../connection/rooms.ts";
import type { Clock } from "../lib/clock.ts";
import { Emitter } from "../lib/emitter.ts";
import type { ConnectionStatus } from "../types.ts";
import { readQueue, type WaitingStateLike } from "./queue-state.ts";
import type { QueueInfo } from "./types.ts";

export interface StayParts {
  readonly id: string;
  /** The queue from which a place is looked for here; null: the place is known to be here. */
  readonly from: string | null;
  readonly open: OpenRoom<WaitingStateLike, WaitingMessages>;
  /** Patients are told their place on every seat; nobody else is. */
  readonly isPatient: boolean;
  readonly clock: Clock;
  readonly hints: NetworkHints;
}

export interface StayEvents {
  readonly queue: QueueInfo;
  readonly status: { readonly status: ConnectionStatus; readonly reason: Rejection | null };
}

/** A patient's time at one queue: what it says, in order. */
export class QueueStay {
  readonly id: string;
  readonly from: string | null;
  readonly link: RoomLink<WaitingStateLike, WaitingMessages>;
  /** What the room says to this patient. */
  readonly told = new Emitter<WaitingMessages>();
  readonly shows = new Emitter<StayEvents>();
  private info: QueueInfo | null = null;
  private stateHere = false;
  /** Of the place that was told last on this seat. A new one counts anew: its room may just have woken. */
  private placeSeq: number | null = null;

  constructor({ id, from, open, isPatient, clock, hints }: StayParts) {
    this.id = id;
    this.from = from;
    this.link = new RoomLink({
      open,
      clock,
      hints,
      host: {
        state: (state) => this.takeState(state),
        message: (name, payload) => this.told.emit(name, payload),
        complete: () => this.stateHere && (this.placeSeq !== null || !isPatient),
        lost: () => {
          this.stateHere = false;
          this.placeSeq = null;
        },
        status: (status, reason) => this.shows.emit("status", { status, reason }),
      },
    });
  }

  get queue(): QueueInfo | null {
    return this.info;
  }

  /** Whether a place is newer than what was told before. */
  takes({ seq }: PlaceMessage): boolean {
    if (this.placeSeq !== null && seq < this.placeSeq) return false;
    this.placeSeq = seq;
    return true;
  }

  private takeState(state: WaitingStateLike): void {
    this.stateHere = true;
    this.info = readQueue(this.id, state, this.info);
    this.shows.emit("queue", this.info);
  }
}
