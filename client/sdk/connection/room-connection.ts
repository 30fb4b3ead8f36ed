import type { Rejection } from "../../../core/domain/errors.ts";
import type { ErrorMessage, WireEvent } from "../../../core/protocol/events.ts";
import { type HugMeDoError, isPassing, toHugMeDoError, unreachable } from "../errors.ts";
import { asked, backoff } from "../lib/backoff.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import type { ConnectionStatus } from "../types.ts";
import { closeReason } from "./close-reason.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { NetworkHint, NetworkHints } from "./network-hints.ts";
import type { OpenRoom, RoomListener, RoomPort } from "./room-port.ts";

/** What the room's own side does with a connection. */
export interface RoomHost<State> {
  state(state: State): void;
  events(events: readonly WireEvent[]): void;
  error(message: ErrorMessage): void;
  /** A new seat: fetch what was missed. The connection is live once this resolves; if it rejects, the seat goes. */
  catchUp(port: RoomPort): Promise<void>;
  /** The seat is gone, and with it whatever was asked over it. */
  lost(): void;
  status(status: ConnectionStatus, reason: Rejection | null): void;
}

export interface ConnectionParts<State> {
  readonly open: OpenRoom<State>;
  readonly host: RoomHost<State>;
  readonly clock: Clock;
  readonly hints: NetworkHints;
}

/** How a seat, or the try to get one, came to its end. */
type Ending =
  | { readonly final: Rejection }
  | { readonly final: null; readonly reachable: boolean; readonly pause?: number };

/** Milliseconds. */
const joinPatience = 10_000;
const leavePatience = 2_000;
const settled = 5_000;

/**
 * Keeps one room joined whatever breaks: it takes a seat, has it caught up, watches over it, and when it is
 * lost takes another after a pause. Only a refusal that will not pass, or `leave`, ends it.
 */
export class RoomConnection<State> {
  private readonly parts: ConnectionParts<State>;
  private readonly forgetHints: () => void;
  private current: ConnectionStatus = "connecting";
  private everLive = false;
  private port: RoomPort | null = null;
  private heartbeat: Heartbeat | null = null;
  private endSeat: (ending: Ending) => void = () => undefined;
  private wake: () => void = () => undefined;

  constructor(parts: ConnectionParts<State>) {
    this.parts = parts;
    this.forgetHints = parts.hints((hint) => this.hear(hint));
    void this.run();
  }

  /** Ends the connection for good. */
  close(reason: Rejection | null): void {
    if (this.over()) return;
    this.tell("closed", reason);
    this.forgetHints();
    this.endSeat({ final: null, reachable: true });
    this.wake();
  }

  /** Says good-bye, and ends the connection for good; a server that does not answer is not waited for. */
  async leave(): Promise<void> {
    const { port } = this;
    const { clock } = this.parts;
    if (port) await withDeadline(clock, leavePatience, port.leave(), unreachable).catch(() => undefined);
    this.close(null);
  }

  /** Gives the seat up and takes another: what arrives on this one makes no sense. */
  renew(): void {
    this.endSeat({ final: null, reachable: true });
  }

  private async run(): Promise<void> {
    const { clock } = this.parts;
    let attempt = 0;
    while (!this.over()) {
      const { ending, liveFor } = await this.sit();
      if (this.over()) return;
      if (ending.final) return this.close(ending.final);
      if (liveFor >= settled) attempt = 0;
      this.tell(ending.reachable ? this.mending : "offline");
      await this.rest(ending.pause ?? backoff(clock, attempt));
      attempt += 1;
    }
  }

  /** Takes a seat and keeps it as long as it lasts. */
  private async sit(): Promise<{ readonly ending: Ending; readonly liveFor: number }> {
    const { clock, host, open } = this.parts;
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    this.endSeat = (ending) => ended.reject(new SeatEnded(ending));
    const seat = { over: false };
    const opening = open(this.listener(seat));
    let liveSince = Number.POSITIVE_INFINITY;
    try {
      this.port = await Promise.race([
        withDeadline(clock, joinPatience, opening, unreachable),
        ended.promise,
      ]);
      if (this.current === "offline") this.tell(this.mending);
      this.heartbeat = this.watch(this.port);
      await Promise.race([host.catchUp(this.port), ended.promise]);
      liveSince = clock.now();
      this.everLive = true;
      this.tell("live");
      return await ended.promise;
    } catch (error) {
      const ending = endingOf(error, clock, this.port !== null);
      return { ending, liveFor: clock.now() - liveSince };
    } finally {
      seat.over = true;
      this.heartbeat?.stop();
      this.heartbeat = null;
      this.port = null;
      this.endSeat = () => undefined;
      host.lost();
      opening.then((port) => port.drop()).catch(() => undefined);
    }
  }

  /** Passes on what the seat says while it is the one. */
  private listener(seat: { readonly over: boolean }): RoomListener<State> {
    const { host } = this.parts;
    const { endSeat } = this;
    const ifOurs = (tell: () => void) => {
      if (!seat.over) tell();
    };
    return {
      state: (state) => ifOurs(() => host.state(state)),
      events: (events) => ifOurs(() => host.events(events)),
      error: (message) => ifOurs(() => host.error(message)),
      heard: () => ifOurs(() => this.heartbeat?.heard()),
      moved: () => endSeat({ final: null, reachable: true, pause: 0 }),
      closed: (code) => {
        const final = closeReason(code);
        endSeat(final ? { final } : { final: null, reachable: true });
      },
    };
  }

  private watch(port: RoomPort): Heartbeat {
    const { clock } = this.parts;
    const ping = () => void port.ping().catch(() => undefined);
    return new Heartbeat(clock, ping, () => this.renew());
  }

  private hear(hint: NetworkHint): void {
    if (hint === "offline") {
      this.tell("offline");
      this.endSeat({ final: null, reachable: false });
    } else {
      this.wake();
      this.heartbeat?.check();
    }
  }

  /** Waits, unless something says that now is a good moment. */
  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.parts.clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }

  private over(): boolean {
    return this.current === "closed";
  }

  private get mending(): ConnectionStatus {
    return this.everLive ? "recovering" : "connecting";
  }

  private tell(status: ConnectionStatus, reason: Rejection | null = null): void {
    if (this.current === status || this.over()) return;
    this.current = status;
    this.parts.host.status(status, reason);
  }
}

class SeatEnded extends Error {
  readonly ending: Ending;

  constructor(ending: Ending) {
    super("The seat came to its end.");
    this.ending = ending;
  }
}

/** Where there was a seat the server can be reached, whatever went wrong with that seat. */
function endingOf(error: unknown, clock: Clock, seated: boolean): Ending {
  if (error instanceof SeatEnded) return error.ending;
  const failure: HugMeDoError = toHugMeDoError(error);
  if (!isPassing(failure.code)) return { final: failure.toRejection() };
  const again = { final: null, reachable: seated || failure.code !== "unavailable" };
  return failure.retryAfterMs === undefined ? again : { ...again, pause: asked(clock, failure.retryAfterMs) };
}
