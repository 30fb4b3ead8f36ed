import type { MediasoupRequest } from "../../../core/protocol/mediasoup.ts";
import { HugMeDoError, isPassing, toHugMeDoError } from "../errors.ts";
import { pauseBefore } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { Pauses } from "../lib/pauses.ts";
import type { Slot } from "./call-link.ts";
import type { Consumed, Json } from "./mediasoup-end.ts";

type Without<T> = T extends unknown ? Omit<T, "presence"> : never;
type Request = Without<MediasoupRequest>;

export interface RequestParts {
  readonly presence: string;
  /** Through the room, once; rejects when that could not be done, or was refused. */
  readonly ask: (data: MediasoupRequest) => Promise<unknown>;
  readonly clock: Clock;
  /** One was refused for good. */
  readonly refused: (ask: MediasoupRequest["ask"], error: HugMeDoError) => void;
}

/** A fault on the other side may be of the moment; what meets it again and again is refused. */
const faultLimit = 5;

/**
 * What this browser asks of the media process. It goes through the room, and while that is on its way from one process
 * to another, or cannot be reached, it is asked again until it is answered. Each may be asked twice.
 */
export class MediasoupRequests {
  private readonly parts: RequestParts;
  private readonly pauses: Pauses;
  private closed = false;

  constructor(parts: RequestParts) {
    this.parts = parts;
    this.pauses = new Pauses(parts.clock);
  }

  async connect(transport: string, dtlsParameters: Json): Promise<void> {
    await this.ask({ ask: "connect", transport, dtlsParameters });
  }

  async restartIce(transport: string): Promise<Json> {
    const { iceParameters } = await this.ask({ ask: "restartIce", transport });
    return isJson(iceParameters) ? iceParameters : unreadable();
  }

  async produce(slot: Slot, rtpParameters: Json): Promise<string> {
    const { producer } = await this.ask({ ask: "produce", slot, rtpParameters });
    return typeof producer === "string" ? producer : unreadable();
  }

  async pause(producer: string, on: boolean): Promise<void> {
    await this.ask({ ask: "pause", producer, on });
  }

  async unproduce(producer: string): Promise<void> {
    await this.ask({ ask: "unproduce", producer });
  }

  async consume(producer: string, rtpCapabilities: Json): Promise<Consumed> {
    const { consumer, kind, rtpParameters } = await this.ask({ ask: "consume", producer, rtpCapabilities });
    if (typeof consumer !== "string" || !isJson(rtpParameters)) return unreadable();
    if (kind !== "audio" && kind !== "video") return unreadable();
    return { consumer, producer, kind, rtpParameters };
  }

  async watch(
    consumer: string,
    how: { readonly on: boolean; readonly spatialLayer?: number },
  ): Promise<void> {
    await this.ask({ ask: "watch", consumer, ...how });
  }

  async withhold(from: readonly string[]): Promise<void> {
    await this.ask({ ask: "withhold", from: [...from] });
  }

  /** Now is a good moment for what waits. */
  hurry(): void {
    this.pauses.endAll();
  }

  /** What has no answer yet gets none. */
  close(): void {
    this.closed = true;
    this.hurry();
  }

  private async ask(request: Request): Promise<Json> {
    const { presence, ask, clock, refused } = this.parts;
    let faults = 0;
    for (let attempt = 0; !this.closed; attempt += 1) {
      try {
        const reply = await ask({ ...request, presence });
        return isJson(reply) ? reply : {};
      } catch (error) {
        const refusal = toHugMeDoError(error);
        if (refusal.code === "internal") faults += 1;
        if (!isPassing(refusal.code) || faults >= faultLimit) {
          if (!this.closed) refused(request.ask, refusal);
          throw refusal;
        }
        await this.pauses.make(pauseBefore(clock, attempt, refusal));
      }
    }
    throw new HugMeDoError("room_closed");
  }
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}

function unreadable(): never {
  throw new HugMeDoError("internal");
}
