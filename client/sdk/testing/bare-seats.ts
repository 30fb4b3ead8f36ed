import type { Seat } from "../../../core/protocol/events.ts";
import type { OpenRoom, RoomListener, RoomPort } from "../connection/room-port.ts";

/** A seat that says and answers nothing but what the test makes it. */
export interface BareSeat<State, Messages> {
  readonly listener: RoomListener<State, Messages>;
  /** The one that was kept, where it was. */
  readonly kept: Seat | null;
  readonly asked: { readonly name: string; readonly payload: unknown }[];
  dropped: boolean;
}

/** Gives a seat to whoever asks, and says nothing by itself. */
export function bareSeats<State, Messages>() {
  const seats: BareSeat<State, Messages>[] = [];
  const open: OpenRoom<State, Messages> = async (listener, kept) => {
    const seat: BareSeat<State, Messages> = { listener, kept: kept ?? null, asked: [], dropped: false };
    seats.push(seat);
    return portOf(seat);
  };
  return { seats, open };
}

export const keptSeat: Seat = { name: "bare", sessionId: "s", roomId: "bare_2", processId: "p" };

function portOf(seat: BareSeat<unknown, never>): RoomPort {
  return {
    request: (name, payload) => {
      seat.asked.push({ name, payload });
      return new Promise(() => undefined);
    },
    ping: async () => undefined,
    drop: () => {
      seat.dropped = true;
    },
    leave: async () => undefined,
  };
}
