import type { ErrorCode } from "../../../core/domain/errors.ts";
import type { CommandReply } from "../../../core/protocol/events.ts";
import { HugMeDoError, isPassing, toHugMeDoError, unreachable } from "../errors.ts";
import { pauseBefore } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import { Pauses } from "../lib/pauses.ts";
import type { RoomPort } from "./room-port.ts";

const patient: readonly ErrorCode[] = ["busy", "rate_limited"];
/** A fault on the server's side may be of the moment; a command that meets it again and again is refused. */
const faultLimit = 5;

/** The payload of a journaled request. */
export interface Command {
  readonly id: string;
  readonly [field: string]: unknown;
}

/**
 * Gets commands answered whatever breaks in between: what was lost with a seat, or met a busy room, is asked
 * again with the same id, which the server answers once in effect. Over a new seat it is asked at once.
 */
export class Courier {
  private readonly clock: Clock;
  private seat = freshSeat();
  private attached = false;
  private over: HugMeDoError | null = null;
  private readonly pauses: Pauses;

  constructor(clock: Clock) {
    this.clock = clock;
    this.pauses = new Pauses(clock);
  }

  attach(port: RoomPort): void {
    this.detach();
    if (this.over) return;
    this.attached = true;
    this.seat.resolve(port);
    this.pauses.endAll();
  }

  /** Nothing more is asked over the seat. What was asked may still be answered, or fails with it. */
  detach(): void {
    if (!this.attached || this.over) return;
    this.attached = false;
    this.seat = freshSeat();
  }

  /** Everything pending, and everything asked from here on, fails with `reason`. */
  close(reason: HugMeDoError): void {
    this.detach();
    this.over ??= reason;
    this.seat.reject(this.over);
    this.pauses.endAll();
  }

  /** The reply, once there is one. Rejects when the command is refused for good, or the courier is closed. */
  perform<Reply extends CommandReply = CommandReply>(name: string, payload: Command): Promise<Reply> {
    return this.untilAnswered<Reply>(name, payload, (reply) => typeof reply.seq === "number");
  }

  /** The same for a request that changes nothing, and needs no id for that. */
  read<Reply extends object>(name: string, payload: object): Promise<Reply> {
    return this.untilAnswered<Reply>(name, payload, () => true);
  }

  /** Asks once, over the present seat: what is of the moment only. Rejects where there is none. */
  async once(name: string, payload: object): Promise<unknown> {
    const { seat } = this;
    if (this.over) throw this.over;
    if (!this.attached) throw unreachable();
    return (await seat.promise).request(name, payload);
  }

  /** A framework that swallowed a fault answers nothing, or not what was asked for (`fits`). */
  private async untilAnswered<Reply extends object>(
    name: string,
    payload: object,
    fits: (reply: Reply) => boolean,
  ): Promise<Reply> {
    let faults = 0;
    for (let attempt = 0; ; attempt += 1) {
      const { seat } = this;
      const port = await seat.promise;
      try {
        const reply = await port.request<Reply | null | undefined>(name, payload);
        if (!reply || !fits(reply)) throw new HugMeDoError("internal");
        return reply;
      } catch (error) {
        const refusal = toHugMeDoError(error);
        if (refusal.code === "internal") faults += 1;
        if (!worthRepeating(refusal) || faults >= faultLimit) throw refusal;
        if (this.over) throw this.over;
        // Not beyond a new seat.
        if (seat === this.seat) await this.pauses.make(pauseBefore(this.clock, attempt, refusal));
      }
    }
  }
}

/** Nobody may be waiting for it when it is closed. */
function freshSeat(): PromiseWithResolvers<RoomPort> {
  const seat = Promise.withResolvers<RoomPort>();
  seat.promise.catch(() => undefined);
  return seat;
}

/**
 * Repeats a request as long as the room only asks for patience: it is busy, or has lost its database, and says when to
 * ask again. Any other failure is passed on.
 */
export async function patiently<T>(clock: Clock, request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const refusal = toHugMeDoError(error);
      if (refusal.retryAfterMs === undefined && !patient.includes(refusal.code)) throw refusal;
      await sleep(clock, pauseBefore(clock, attempt, refusal));
    }
  }
}

/** A session that ended is the connection's to notice; the command is kept until then, and not refused. */
function worthRepeating({ code }: HugMeDoError): boolean {
  return isPassing(code) || code === "session_ended" || code === "unauthenticated";
}
