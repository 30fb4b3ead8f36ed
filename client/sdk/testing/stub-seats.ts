import type { Rejection } from "../../../core/domain/errors.ts";
import type { Seat as KeptSeat } from "../../../core/protocol/events.ts";
import type { OpenRoom, RoomListener, RoomPort } from "../connection/room-port.ts";
import { fromRejection, unreachable } from "../errors.ts";

/** One connection of a stub. */
export interface Seat<State, Messages> {
  readonly listener: RoomListener<State, Messages>;
  readonly person: string;
  open: boolean;
  /** The room is elsewhere: requests are still answered here, but nothing is shown or said. */
  left: boolean;
  readonly fail: Set<(error: Error) => void>;
}

/** The connections of a room that behaves as the server's contract says, in memory. Faults are asked of it. */
export abstract class StubSeats<State, Messages> {
  readonly commands: { readonly name: string; readonly payload: unknown }[] = [];
  /** Refuses every join while set. */
  refusesJoin: Rejection | "unreachable" | null = null;
  /** Asked about every request before it is taken; a rejection refuses it. */
  refuses: (name: string, payload: unknown) => Rejection | null = () => null;
  /** What happens to whoever takes a kept seat: they get it, they do not, or it shows nothing by itself. */
  keptSeats: "given" | "refused" | "blank" = "given";
  /** Kept seats are given when this resolves. */
  keptReady: Promise<void> = Promise.resolve();
  /** Takes requests, and answers none until `answer`. */
  mute = false;
  /** Answers nothing, not even a ping. */
  frozen = false;
  /** Through the matchmaker; */
  joins = 0;
  /** and of kept seats, each as it was asked for. */
  readonly asked: KeptSeat[] = [];
  private readonly seats = new Set<Seat<State, Messages>>();
  private unanswered: ((refusal: Rejection | null) => void)[] = [];
  private moves = 0;

  get seated(): number {
    return this.seats.size;
  }

  open(person: string): OpenRoom<State, Messages> {
    return async (listener, kept) => {
      if (kept) this.asked.push(kept);
      else this.joins += 1;
      if (kept) await this.keptReady;
      if (this.frozen) return new Promise(() => undefined);
      if (this.refusesJoin === "unreachable" || (kept && this.keptSeats === "refused")) throw unreachable();
      if (this.refusesJoin) throw fromRejection(this.refusesJoin);
      const seat: Seat<State, Messages> = { listener, person, open: true, left: false, fail: new Set() };
      this.seats.add(seat);
      if (!kept || this.keptSeats !== "blank") queueMicrotask(() => this.welcome(seat));
      return this.port(seat);
    };
  }

  /** Closes every connection, as a crash or a close code does. */
  cut(code = 1006): void {
    for (const seat of this.allSeats()) this.close(seat, code);
  }

  /** The same for one person. */
  cutOne(person: string, code = 1006): void {
    for (const seat of this.allSeats()) if (seat.person === person) this.close(seat, code);
  }

  /** Closes those that stayed where the room is no more. */
  cutLeft(code: number): void {
    for (const seat of this.allSeats()) if (seat.left) this.close(seat, code);
  }

  /** To another process: everyone is told of their seat there. */
  move(): void {
    this.moves += 1;
    const room = { name: "stub", roomId: `stub_${this.moves}`, processId: `process-${this.moves}` };
    for (const seat of this.openSeats()) {
      seat.left = true;
      seat.listener.moved({ ...room, sessionId: seat.person });
    }
  }

  /** Answers what was asked while it was mute, where it was asked; as it would have, or with a refusal. */
  answer(refusal: Rejection | null = null): void {
    for (const answer of this.unanswered.splice(0)) answer(refusal);
  }

  /** Tells a person, or everyone, something. */
  send<K extends keyof Messages>(name: K, payload: Messages[K], person?: string): void {
    if (this.frozen) return;
    for (const seat of this.openSeats())
      if (person === undefined || seat.person === person)
        this.say(seat, (listener) => listener.message(name, payload));
  }

  /** What a new connection is told. */
  protected abstract welcome(seat: Seat<State, Messages>): void;

  /** The reply to a request; throws to refuse it. */
  protected abstract handle(seat: Seat<State, Messages>, name: string, payload: unknown): object;

  /** Where the room is. */
  protected openSeats(): Seat<State, Messages>[] {
    return this.allSeats().filter(({ left }) => !left);
  }

  private allSeats(): Seat<State, Messages>[] {
    return [...this.seats].filter(({ open }) => open);
  }

  protected say(seat: Seat<State, Messages>, what: (listener: RoomListener<State, Messages>) => void): void {
    if (!seat.open || this.frozen) return;
    seat.listener.heard();
    what(seat.listener);
  }

  private port(seat: Seat<State, Messages>): RoomPort {
    return {
      request: <Reply>(name: string, payload: unknown) => {
        if (!seat.open) return Promise.reject(unreachable());
        return new Promise<Reply>((resolve, reject) => {
          seat.fail.add(reject);
          if (this.frozen) return;
          try {
            const reply: Reply = JSON.parse(JSON.stringify(this.take(seat, name, payload)));
            const answer = (refusal: Rejection | null) => {
              if (refusal) reject(fromRejection(refusal));
              else if (seat.open) resolve(reply);
            };
            if (this.mute) this.unanswered.push(answer);
            else queueMicrotask(() => answer(null));
          } catch (error) {
            reject(error);
          }
        });
      },
      ping: () =>
        new Promise((resolve) => {
          if (this.frozen || !seat.open) return;
          this.say(seat, () => undefined);
          resolve();
        }),
      drop: () => this.release(seat),
      leave: async () => {
        if (this.frozen) await new Promise(() => undefined);
        this.release(seat);
      },
    };
  }

  private take(seat: Seat<State, Messages>, name: string, payload: unknown): object {
    this.commands.push({ name, payload });
    const refusal = this.refuses(name, payload);
    if (refusal) throw fromRejection(refusal);
    return this.handle(seat, name, payload);
  }

  private close(seat: Seat<State, Messages>, code: number): void {
    this.release(seat);
    seat.listener.closed(code);
  }

  private release(seat: Seat<State, Messages>): void {
    seat.open = false;
    this.seats.delete(seat);
    for (const fail of seat.fail) fail(unreachable());
  }
}
