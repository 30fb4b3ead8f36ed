import type { Clock } from "../lib/clock.ts";
import { Lane } from "../lib/lane.ts";
import { type Slot, slots } from "./call-link.ts";
import type { Json, MediasoupEnd } from "./mediasoup-end.ts";
import type { MediasoupRequests } from "./mediasoup-requests.ts";

export interface SenderParts {
  readonly requests: Pick<MediasoupRequests, "produce" | "pause" | "unproduce" | "withhold">;
  readonly clock: Clock;
}

/** What the media process has of a slot. */
interface Given {
  readonly producer: string;
  paused: boolean;
}

/** What could not be given is tried again after so long (ms). */
const tryAgain = 4_000;

/**
 * Gives the media process what I send. A track that changes is changed without a word. What is switched off is sent no
 * more at once, and the others are told by way of the media process as soon as that is reached.
 */
export class MediasoupSender {
  private readonly parts: SenderParts;
  private readonly lanes: Readonly<Record<Slot, Lane>> = {
    audio: new Lane(),
    video: new Lane(),
    screen: new Lane(),
  };
  private readonly wanted = new Map<Slot, MediaStreamTrack>();
  private readonly given = new Map<Slot, Given>();
  private readonly withholding = new Lane();
  private withheld: readonly string[] = [];
  /** The media process knows what is withheld. */
  private agreed = true;
  private end: MediasoupEnd | null = null;

  constructor(parts: SenderParts) {
    this.parts = parts;
  }

  send(slot: Slot, track: MediaStreamTrack | null): void {
    if (track === (this.wanted.get(slot) ?? null)) return;
    if (track) this.wanted.set(slot, track);
    else this.wanted.delete(slot);
    this.carry(slot);
    void this.give(slot);
  }

  /** Until the media process has agreed, nobody receives anything. */
  withhold(from: readonly string[]): void {
    if (sameList(from, this.withheld)) return;
    this.withheld = from;
    this.agreed = false;
    for (const slot of slots) this.carry(slot);
    void this.tellWithheld();
  }

  /** From now on over this end. */
  serve(end: MediasoupEnd): void {
    if (!end.gives) return;
    this.end = end;
    if (!this.agreed) void this.tellWithheld();
    for (const slot of slots) void this.give(slot);
  }

  /** The end asks for a slot to be taken in. */
  async produce(slot: Slot, rtpParameters: Json): Promise<string> {
    const producer = await this.parts.requests.produce(slot, rtpParameters);
    this.given.set(slot, { producer, paused: false });
    return producer;
  }

  stop(): void {
    this.end = null;
  }

  private track(slot: Slot): MediaStreamTrack | null {
    return this.agreed ? (this.wanted.get(slot) ?? null) : null;
  }

  private carry(slot: Slot): void {
    this.end?.carry(slot, this.track(slot));
  }

  /** Until what the media process has is what I want. */
  private give(slot: Slot): Promise<void> {
    const work = this.lanes[slot].run(async () => {
      const { end } = this;
      const track = this.wanted.get(slot);
      const given = this.given.get(slot);
      if (!end) return;
      if (!given) await this.begin(end, slot);
      else if (!track && slot === "screen") await this.stopSharing(end, given);
      else if (given.paused !== !track) {
        await this.parts.requests.pause(given.producer, !track);
        given.paused = !track;
      }
    });
    return work.catch(() => this.later(() => this.give(slot)));
  }

  private async begin(end: MediasoupEnd, slot: Slot): Promise<void> {
    const track = this.track(slot);
    if (!track) return;
    try {
      await end.produce(slot, track);
    } catch (error) {
      this.given.delete(slot);
      throw error;
    }
    // It may have changed meanwhile.
    this.carry(slot);
  }

  private async stopSharing(end: MediasoupEnd, { producer }: Given): Promise<void> {
    this.given.delete("screen");
    end.unproduce("screen");
    await this.parts.requests.unproduce(producer);
  }

  private tellWithheld(): Promise<void> {
    const work = this.withholding.run(async () => {
      const { withheld, end } = this;
      if (this.agreed || !end) return;
      await this.parts.requests.withhold(withheld);
      if (withheld !== this.withheld) return;
      this.agreed = true;
      for (const slot of slots) {
        this.carry(slot);
        void this.give(slot);
      }
    });
    return work.catch(() => this.later(() => this.tellWithheld()));
  }

  private later(work: () => Promise<void>): void {
    this.parts.clock.after(tryAgain, () => void (this.end && work()), true);
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
