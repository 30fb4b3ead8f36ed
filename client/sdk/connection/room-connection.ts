import type { Rejection } from "../../../core/domain/errors.ts";
import { unreachable } from "../errors.ts";
import { backoff } from "../lib/backoff.ts";
import { type Clock, withDeadline } from "../lib/clock.ts";
import type { ConnectionStatus } from "../types.ts";
import type { NetworkHint, NetworkHints } from "./network-hints.ts";
import type { RoomHost } from "./room-host.ts";
import type { OpenRoom } from "./room-port.ts";
import { type Ending, Seating } from "./seating.ts";

export interface ConnectionParts<State, Messages> {
  readonly open: OpenRoom<State, Messages>;
  readonly host: RoomHost<State, Messages>;
  readonly clock: Clock;
  readonly hints: NetworkHints;
}

/** Milliseconds. */
const leavePatience = 2_000;
const settled = 5_000;

/**
 * Keeps one room joined whatever breaks: it takes a seat, has it caught up, watches over it, follows it where
 * the room moves, and when it is lost takes another after a pause. Only a refusal that will not pass, or `leave`,
 * ends it.
 */
export class RoomConnection<State, Messages> {
  private readonly parts: ConnectionParts<State, Messages>;
  private readonly forgetHints: () => void;
  private current: ConnectionStatus = "connecting";
  private everLive = false;
  private seating: Seating<State, Messages> | null = null;
  private wake: () => void = () => undefined;

  constructor(parts: ConnectionParts<State, Messages>) {
    this.parts = parts;
    this.forgetHints = parts.hints((hint) => this.hear(hint));
    void this.run();
  }

  /** Ends the connection for good. */
  close(reason: Rejection | null): void {
    if (this.over()) return;
    this.tell("closed", reason);
    this.forgetHints();
    this.renew();
    this.wake();
  }

  /** Says good-bye, and ends the connection for good; a server that does not answer is not waited for. */
  async leave(): Promise<void> {
    const { clock } = this.parts;
    const left = this.seating?.leave() ?? Promise.resolve();
    await withDeadline(clock, leavePatience, left, unreachable).catch(() => undefined);
    this.close(null);
  }

  /** Gives the seat up and takes another: what arrives on this one makes no sense. */
  renew(): void {
    this.seating?.end({ final: null, reachable: true });
  }

  private async run(): Promise<void> {
    let attempt = 0;
    while (!this.over()) {
      const seating = this.sit();
      const ending = await seating.ended;
      if (this.over()) return;
      if (ending.final) return this.close(ending.final);
      if (seating.liveFor >= settled) attempt = 0;
      this.tell(ending.reachable ? this.mending : "offline");
      await this.rest(this.pause(ending, attempt));
      attempt += 1;
    }
  }

  private sit(): Seating<State, Messages> {
    const { clock, host, open } = this.parts;
    this.seating = new Seating({
      clock,
      host,
      open,
      seated: () => {
        if (this.current === "offline") this.tell(this.mending);
      },
      live: () => {
        this.everLive = true;
        this.tell("live");
      },
    });
    return this.seating;
  }

  /** Whoever is sent on again and again does not run in circles: only the first try is made at once. */
  private pause({ pause }: Ending & { readonly final: null }, attempt: number): number {
    const given = pause === 0 && attempt > 0 ? undefined : pause;
    return given ?? backoff(this.parts.clock, attempt);
  }

  private hear(hint: NetworkHint): void {
    if (hint === "offline") {
      this.tell("offline");
      this.seating?.end({ final: null, reachable: false });
    } else {
      this.wake();
      this.seating?.check();
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
