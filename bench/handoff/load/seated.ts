import { Decoder } from "@colyseus/schema";
import { ChatState } from "../../../rooms/state/chat-state.ts";
import type { Place } from "../../fanout/load/dialects.ts";
import { colyseusCodes, type Seat, takeSeat } from "../../fanout/load/seat.ts";
import type { LeanSocket } from "../../fanout/load/socket.ts";
import { type Received, readReceived, requestFrame } from "../../queue/load/frames.ts";

const binary = 2;

/** What members act on. */
export type Frame = Extract<Received, { type: "reply" | "message" }>;

/** What a seat tells its member. Nothing comes after `closed`. */
export interface SeatListener {
  /** The room's state is here: it is at this seq. Comes once, before every frame. */
  state(seat: Seated, lastSeq: number): void;
  received(seat: Seated, frame: Frame): void;
  closed(seat: Seated, code: number): void;
}

/** A seat in a chat that was taken, at the lowest price: of the state only its seq is read, of patches nothing. */
export class Seated {
  readonly #socket: LeanSocket;
  readonly #listener: SeatListener;
  #held: Frame[] | null = [];

  private constructor(socket: LeanSocket, listener: SeatListener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.onClose = (code) => listener.closed(this, code);
    socket.receive((_opcode, data, start, end) => this.#receive(data.subarray(start, end)));
  }

  /** Throws when the seat is not to be had. The listener may be called before this returns. */
  static async take(seat: Seat, place: Pick<Place, "url" | "token">, listener: SeatListener): Promise<void> {
    new Seated(await takeSeat(seat, place), listener);
  }

  request(number: number, name: string, payload: object): void {
    this.#socket.send(binary, requestFrame(number, name, payload));
  }

  /** Gives the seat up; with a code the server keeps it for nobody. */
  close(code?: number): void {
    this.#socket.close(code);
  }

  #receive(frame: Buffer): void {
    if (frame[0] === colyseusCodes.patch) return;
    const received = readReceived(frame);
    if (received.type === "state") this.#show(seqOf(frame));
    else if (received.type !== "reply" && received.type !== "message") return;
    else if (this.#held) this.#held.push(received);
    else this.#listener.received(this, received);
  }

  #show(lastSeq: number): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#listener.state(this, lastSeq);
    for (const frame of held) this.#listener.received(this, frame);
  }
}

function seqOf(state: Buffer): number {
  const decoder = new Decoder(new ChatState());
  decoder.decode(state, { offset: 1 });
  return decoder.state.lastSeq;
}
