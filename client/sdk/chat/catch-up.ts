import type { ResumedEvent, ResumeReply } from "../../../core/protocol/events.ts";
import { patiently } from "../connection/courier.ts";
import type { RoomPort } from "../connection/room-port.ts";
import { HugMeDoError } from "../errors.ts";
import { backoff } from "../lib/backoff.ts";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Timeline } from "./timeline.ts";

export interface CatchUpParts {
  readonly clock: Clock;
  readonly timeline: Timeline<ResumedEvent>;
  /** Given the next events, in order and each once. */
  readonly deliver: (events: readonly ResumedEvent[]) => void;
  /** Whether a gap is being mended. */
  readonly mending: (on: boolean) => void;
  /** A gap cannot be mended on this seat. */
  readonly stuck: () => void;
}

/** How long the room may be ahead without an event before the tail counts as missing, in ms. */
const tailPatience = 1_000;
const fruitlessLimit = 5;

/** Sees to it that the timeline misses nothing: asks the room for what is not there. */
export class CatchUp {
  private readonly parts: CatchUpParts;
  private port: RoomPort | null = null;
  private roomAt = 0;
  private busy = false;
  private cancelTail: (() => void) | null = null;

  constructor(parts: CatchUpParts) {
    this.parts = parts;
  }

  /**
   * Fetches everything after the timeline's last event, unless the room is no further than that, and watches for
   * gaps from then on.
   */
  async start(port: RoomPort): Promise<void> {
    const { timeline, mending } = this.parts;
    this.port = port;
    this.busy = true;
    if (timeline.gap || timeline.lastSeq !== this.roomAt) await this.fetch(port);
    if (this.port !== port) return;
    this.busy = false;
    mending(false);
  }

  stop(): void {
    this.port = null;
    this.busy = false;
    this.cancelTail?.();
    this.cancelTail = null;
    this.parts.timeline.letGo();
  }

  /** Events as they came over the socket. */
  take(events: readonly ResumedEvent[]): void {
    this.accept(events);
    if (this.parts.timeline.gap) void this.mend();
  }

  /** The room's state says how far it is; on a new seat before `start`. */
  roomIsAt(lastSeq: number): void {
    this.roomAt = lastSeq;
    if (!this.behind || this.cancelTail) return;
    this.cancelTail = this.parts.clock.after(tailPatience, () => {
      this.cancelTail = null;
      if (this.behind) void this.mend();
    });
  }

  private get behind(): boolean {
    return this.port !== null && !this.busy && this.roomAt > this.parts.timeline.lastSeq;
  }

  private async mend(): Promise<void> {
    const { port } = this;
    if (!port || this.busy) return;
    this.busy = true;
    this.parts.mending(true);
    try {
      await this.fetch(port);
      if (this.port !== port) return;
      this.busy = false;
      this.parts.mending(false);
    } catch {
      if (this.port === port) this.parts.stuck();
    }
  }

  private async fetch(port: RoomPort): Promise<void> {
    const { clock, timeline } = this.parts;
    let fruitless = 0;
    while (true) {
      const after = timeline.lastSeq;
      const reply = await patiently(clock, () => port.request<ResumeReply>("chat.resume", { after }));
      // The room does not know the event that is the last one here.
      if (reply.lastSeq < after) throw new HugMeDoError("seq_out_of_range");
      this.accept(reply.events);
      if (!reply.more && !timeline.gap) return;
      fruitless = timeline.lastSeq > after ? 0 : fruitless + 1;
      if (fruitless >= fruitlessLimit) throw new HugMeDoError("internal");
      if (fruitless > 0) await sleep(clock, backoff(clock, fruitless));
    }
  }

  private accept(events: readonly ResumedEvent[]): void {
    const ready = this.parts.timeline.accept(events);
    if (ready.length > 0) this.parts.deliver(ready);
  }
}
