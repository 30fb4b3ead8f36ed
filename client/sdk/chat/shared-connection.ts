import type { Rejection } from "../../../core/domain/errors.ts";
import type { WireEvent } from "../../../core/protocol/events.ts";
import type { RoomPort } from "../connection/room-port.ts";
import { isPassing, toHugMeDoError } from "../errors.ts";
import { asked, backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { ConnectionStatus } from "../types.ts";
import type { ChatConnection, ChatHost } from "./live-chat.ts";
import type { ChatStateLike } from "./room-view.ts";

/** A chat that was live for so long begins its pauses anew (ms). */
const settled = 5_000;

/**
 * A chat's part of a connection that another keeps: the owner passes on what it hears. The chat is live from
 * when the room shows it, which may be long after the owner was seated. What goes wrong with the chat alone is
 * tried again on the same seat: it is no reason to take that from its owner.
 */
export class SharedConnection implements ChatConnection {
  private readonly clock: Clock;
  private host: ChatHost | null = null;
  private port: RoomPort | null = null;
  private shown: ChatStateLike | null = null;
  private over = false;
  /** Counts what was begun: what belongs to an earlier turn is void. */
  private turn = 0;
  private tries = 0;
  private liveSince: number | null = null;
  private cancelPause: () => void = () => undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whom it is for. */
  attach(host: ChatHost): this {
    this.host = host;
    return this;
  }

  seated(port: RoomPort): void {
    this.port = port;
    this.begin();
  }

  /** null: the room does not show the conversation to me. */
  state(state: ChatStateLike | null): void {
    if (!state || this.over) return;
    const first = this.shown === null;
    this.shown = state;
    if (first) this.begin();
    else this.host?.state(state);
  }

  events(events: readonly WireEvent[]): void {
    if (!this.over) this.host?.message("events", events);
  }

  lost(): void {
    this.port = null;
    this.shown = null;
    this.stop();
  }

  /** The owner's; when the chat is live it says itself. */
  status(status: ConnectionStatus, reason: Rejection | null): void {
    if (status === "closed") this.close(reason);
    else if (status !== "live" && !this.over) this.host?.status(status, null);
  }

  renew(): void {
    this.pause();
  }

  /** The seat is not the chat's to leave: the chat alone ends. */
  async leave(): Promise<void> {
    this.close(null);
  }

  close(reason: Rejection | null): void {
    if (this.over) return;
    this.stop();
    this.over = true;
    this.host?.status("closed", reason);
  }

  private begin(): void {
    const { port, host, shown } = this;
    if (!port || !host || !shown || this.over) return;
    this.turn += 1;
    const { turn } = this;
    host.state(shown);
    host.catchUp(port).then(
      () => {
        if (turn === this.turn) this.live(host);
      },
      (error: unknown) => {
        if (turn === this.turn) this.fail(error);
      },
    );
  }

  private live(host: ChatHost): void {
    this.liveSince = this.clock.now();
    host.status("live", null);
  }

  private fail(error: unknown): void {
    const refusal = toHugMeDoError(error);
    if (isPassing(refusal.code)) this.pause(refusal.retryAfterMs);
    else this.close(refusal.toRejection());
  }

  /** From the start, after a while. */
  private pause(retryAfterMs?: number): void {
    const { clock, liveSince } = this;
    if (liveSince !== null && clock.now() - liveSince >= settled) this.tries = 0;
    this.host?.status(liveSince === null ? "connecting" : "recovering", null);
    this.stop();
    const ms = retryAfterMs === undefined ? backoff(clock, this.tries) : asked(clock, retryAfterMs);
    this.tries += 1;
    this.cancelPause = clock.after(ms, () => this.begin());
  }

  private stop(): void {
    this.turn += 1;
    this.cancelPause();
    if (!this.over) this.host?.lost();
  }
}
