import type { CommandReply } from "../../../core/protocol/events.ts";
import { HugMeDoError, isPassing, toHugMeDoError } from "../errors.ts";
import { asked, backoff } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { RoomPort } from "./room-port.ts";

/** A fault on the server's side may be of the moment; a command that meets it again and again is refused. */
const faultLimit = 5;

/** The payload of a journaled request. */
export interface Command {
  readonly id: string;
  readonly [field: string]: unknown;
}

/**
 * Gets commands answered whatever breaks in between: what was lost with a seat, or met a busy room, is asked
 * again with the same id, which the server answers once in effect.
 */
export class Courier {
  private readonly clock: Clock;
  private seat = freshSeat();
  private attached = false;
  private over: HugMeDoError | null = null;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  attach(port: RoomPort): void {
    this.attached = true;
    this.seat.resolve(port);
  }

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
  }

  /** The reply, once there is one. Rejects when the command is refused for good, or the courier is closed. */
  async perform(name: string, payload: Command): Promise<CommandReply> {
    let faults = 0;
    for (let attempt = 0; ; attempt += 1) {
      const port = await this.seat.promise;
      try {
        return checked(await port.request<CommandReply | undefined>(name, payload));
      } catch (error) {
        const refusal = toHugMeDoError(error);
        if (refusal.code === "internal") faults += 1;
        if (!worthRepeating(refusal) || faults >= faultLimit) throw refusal;
        if (this.over) throw this.over;
        await sleep(this.clock, pause(this.clock, refusal, attempt));
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

/** Repeats a request as long as the room only asks for patience. Any other failure is passed on. */
export async function patiently<T>(clock: Clock, request: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const refusal = toHugMeDoError(error);
      if (refusal.code !== "busy" && refusal.code !== "rate_limited") throw refusal;
      await sleep(clock, pause(clock, refusal, attempt));
    }
  }
}

/** A session that ended is the connection's to notice; the command is kept until then, and not refused. */
function worthRepeating({ code }: HugMeDoError): boolean {
  return isPassing(code) || code === "session_ended" || code === "unauthenticated";
}

function pause(clock: Clock, { retryAfterMs }: HugMeDoError, attempt: number): number {
  return retryAfterMs === undefined ? backoff(clock, attempt) : asked(clock, retryAfterMs);
}

/** A framework that swallowed a fault answers nothing. */
function checked(reply: CommandReply | undefined): CommandReply {
  if (typeof reply?.seq !== "number") throw new HugMeDoError("internal");
  return reply;
}
