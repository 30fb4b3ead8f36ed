import type { Clock } from "../lib/clock.ts";

export interface MendingParts {
  readonly clock: Clock;
  /** Looks for a new way. */
  readonly restart: () => Promise<void>;
  /** Whether the room can be reached; without it no way is found. */
  readonly reachable: () => boolean;
  /** There is none. */
  readonly failed: () => void;
}

/** Milliseconds. A break is often over by itself; */
const breath = 1_000;
/** a new way is looked for so often; */
const tryAgain = 4_000;
/** and after so long, with the room in reach, it is said that there is none. */
const patience = 20_000;

/** Keeps one connection with the media process whole. */
export class Mending {
  private readonly parts: MendingParts;
  private stopTimer: (() => void) | null = null;
  private restarting = false;
  /** Since when it has been broken with the room in reach. */
  private since: number | null = null;

  constructor(parts: MendingParts) {
    this.parts = parts;
  }

  take(state: RTCPeerConnectionState): void {
    if (state === "connected") this.rest();
    else if (state === "failed") this.look();
    else if (state === "disconnected") this.wait(breath);
    else if (state === "connecting" && !this.stopTimer) this.wait(tryAgain);
  }

  /** Now is a good moment, if anything is broken. */
  hurry(): void {
    if (this.stopTimer) this.look();
  }

  /** It is whole, or of no interest any more. */
  rest(): void {
    this.stopTimer?.();
    this.stopTimer = null;
    this.since = null;
  }

  private wait(ms: number): void {
    this.stopTimer?.();
    this.stopTimer = this.parts.clock.after(ms, () => this.look());
    this.since ??= this.parts.clock.now();
  }

  private look(): void {
    const { clock, reachable, failed } = this.parts;
    if (reachable()) this.restart();
    else this.since = null;
    this.wait(tryAgain);
    if (clock.now() - (this.since ?? clock.now()) < patience) return;
    this.since = clock.now();
    failed();
  }

  /** One after the other: each makes the one before worthless. */
  private restart(): void {
    if (this.restarting) return;
    this.restarting = true;
    const done = () => {
      this.restarting = false;
    };
    this.parts.restart().then(done, done);
  }
}
