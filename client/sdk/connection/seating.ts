import type { Rejection } from "../../../core/domain/errors.ts";
import type { Seat } from "../../../core/protocol/events.ts";
import { type HugMeDoError, isPassing, toHugMeDoError, unreachable } from "../errors.ts";
import { asked } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { closeReason } from "./close-reason.ts";
import { Heartbeat } from "./heartbeat.ts";
import { HeldSeat } from "./held-seat.ts";
import type { RoomHost } from "./room-host.ts";
import type { OpenRoom, RoomListener, RoomPort } from "./room-port.ts";

/** How a seating, or the try, came to its end. `pause`: for so long nobody should try again (ms). */
export type Ending =
  | { readonly final: Rejection }
  | { readonly final: null; readonly reachable: boolean; readonly pause?: number };

export interface SeatingParts<State, Messages> {
  readonly open: OpenRoom<State, Messages>;
  readonly host: RoomHost<State, Messages>;
  readonly clock: Clock;
  /** There is a seat. */
  readonly seated: () => void;
  /** All that is shown is of the seat. */
  readonly live: () => void;
}

/** For taking a seat until its first state is here: through the matchmaker, and one that is kept. Milliseconds. */
const joinPatience = 10_000;
const movePatience = 3_000;

const again: Ending = { final: null, reachable: true };
const atOnce: Ending = { final: null, reachable: true, pause: 0 };

/**
 * One time of being in a room without a break: from taking a seat, over those it is moved to, until the last is
 * lost. When the room moves, the seat stays until the kept one has shown its state; then that one takes its
 * place in one step. What was asked over the old seat may be answered until then.
 */
export class Seating<State, Messages> {
  readonly ended: Promise<Ending>;
  private readonly parts: SeatingParts<State, Messages>;
  private readonly conclude: (ending: Ending) => void;
  /** The seat in use, */
  private present: HeldSeat<State, Messages> | null = null;
  /** and the one that is being taken. */
  private next: HeldSeat<State, Messages> | null = null;
  /** The room has moved, and the kept seat is not in use yet. */
  private moving = false;
  private leaving = false;
  private over = false;
  private heartbeat: Heartbeat | null = null;
  private liveSince = Number.POSITIVE_INFINITY;
  private cancelPatience: () => void = () => undefined;

  constructor(parts: SeatingParts<State, Messages>) {
    const { promise, resolve } = Promise.withResolvers<Ending>();
    this.parts = parts;
    this.ended = promise;
    this.conclude = resolve;
    this.take();
  }

  /** Milliseconds; negative while it was not live. */
  get liveFor(): number {
    return this.parts.clock.now() - this.liveSince;
  }

  /** Asks at once whether the server is there. */
  check(): void {
    this.heartbeat?.check();
  }

  /** Says good-bye; resolves when the server has closed the seat. It is not ended by that. */
  async leave(): Promise<void> {
    this.leaving = true;
    this.heartbeat?.stop();
    this.stopTaking();
    await this.present?.leave();
  }

  end(ending: Ending): void {
    if (this.over) return;
    this.over = true;
    this.heartbeat?.stop();
    this.stopTaking();
    this.parts.host.lost();
    this.present?.drop();
    this.conclude(ending);
  }

  private take(kept?: Seat): void {
    const { open, clock } = this.parts;
    this.stopTaking();
    const next: HeldSeat<State, Messages> = new HeldSeat(this.listener(() => next));
    this.next = next;
    this.cancelPatience = clock.after(kept ? movePatience : joinPatience, () => this.fail(unreachable()));
    next.take(open, kept).then(
      (port) => {
        if (this.next === next) this.use(next, port);
      },
      (error: unknown) => {
        if (this.next === next) this.fail(error);
      },
    );
  }

  private stopTaking(): void {
    this.cancelPatience();
    this.next?.drop();
    this.next = null;
  }

  /** A kept seat that is not to be had is no refusal: the matchmaker knows where the room is now. */
  private fail(error: unknown): void {
    this.end(this.moving ? atOnce : endingOf(error, this.parts.clock, this.next?.taken === true));
  }

  private use(next: HeldSeat<State, Messages>, port: RoomPort): void {
    const before = this.present;
    this.cancelPatience();
    this.present = next;
    this.next = null;
    this.moving = false;
    this.heartbeat = this.watch(port);
    this.parts.seated();
    next.use();
    before?.drop();
    // What was held back may have made the app leave.
    if (!this.over) this.catchUp(next, port);
  }

  private catchUp(seat: HeldSeat<State, Messages>, port: RoomPort): void {
    const { host, clock, live } = this.parts;
    host.catchUp(port).then(
      () => {
        if (!this.inUse(seat)) return;
        this.liveSince = Math.min(this.liveSince, clock.now());
        live();
      },
      (error: unknown) => {
        if (this.inUse(seat)) this.end(endingOf(error, clock, true));
      },
    );
  }

  private inUse(seat: HeldSeat<State, Messages>): boolean {
    return this.present === seat && !this.moving && !this.over;
  }

  private listener(seat: () => HeldSeat<State, Messages>): RoomListener<State, Messages> {
    const { host } = this.parts;
    const ifInUse = (tell: () => void) => {
      if (this.inUse(seat())) tell();
    };
    const ifOurs = (tell: () => void) => {
      if (!this.over && (seat() === this.present || seat() === this.next)) tell();
    };
    return {
      state: (state, touched) => ifInUse(() => host.state(state, touched)),
      message: (name, payload) => ifInUse(() => host.message(name, payload)),
      error: (message) => ifInUse(() => host.error(message)),
      heard: () => ifInUse(() => this.heartbeat?.heard()),
      moved: (kept) => ifOurs(() => this.move(kept)),
      closed: (code) => ifOurs(() => this.closed(code)),
    };
  }

  /** Another move while one is under way: the newest seat is the one. */
  private move(kept: Seat): void {
    if (this.leaving) return;
    if (!this.moving) {
      this.moving = true;
      this.heartbeat?.stop();
      this.heartbeat = null;
      if (this.present) this.parts.host.lost();
    }
    this.take(kept);
  }

  private closed(code: number): void {
    const final = closeReason(code);
    if (final) this.end({ final });
    else this.end(this.moving ? atOnce : again);
  }

  private watch(port: RoomPort): Heartbeat {
    const ping = () => void port.ping().catch(() => undefined);
    return new Heartbeat(this.parts.clock, ping, () => this.end(again));
  }
}

/** Where there was a seat the server can be reached, whatever went wrong with that seat. */
function endingOf(error: unknown, clock: Clock, seated: boolean): Ending {
  const failure: HugMeDoError = toHugMeDoError(error);
  if (!isPassing(failure.code)) return { final: failure.toRejection() };
  const ending = { final: null, reachable: seated || failure.code !== "unavailable" };
  return failure.retryAfterMs === undefined
    ? ending
    : { ...ending, pause: asked(clock, failure.retryAfterMs) };
}
