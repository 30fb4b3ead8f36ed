import type { types } from "mediasoup";
import { DomainError } from "../../core/domain/errors.ts";
import type { MediaSlot } from "../../core/protocol/mediasoup.ts";
import type { Given } from "./presence.ts";

/** Something that is given in the session. */
export interface TapSource {
  readonly person: string;
  readonly slot: MediaSlot;
  readonly kind: types.MediaKind;
  readonly producer: string;
}

/** It is new, or it has ended. */
export interface TapChange {
  readonly change: "given" | "ended";
  readonly source: TapSource;
}

/** Where RTP and RTCP are to go, each to a port of its own on this machine. */
export interface TapTarget {
  readonly port: number;
  readonly rtcpPort: number;
}

/** One source as plain RTP. It stands still at first. */
export interface TapStream {
  readonly kind: types.MediaKind;
  readonly payloadType: number;
  readonly rtpParameters: types.RtpParameters;
  /** Lets it run, pictures from a whole one on. Asked again, it asks for a whole picture again. */
  resume(): Promise<void>;
  pause(): Promise<void>;
  close(): void;
}

/** What plain RTP on one machine needs of it: nobody has to find out how much gets through. */
function plain({ codecs = [] }: types.RtpCapabilities): types.RtpCapabilities {
  const kept = codecs.map((codec) => ({
    ...codec,
    rtcpFeedback: codec.rtcpFeedback?.filter(({ type }) => type === "nack" || type === "ccm") ?? [],
  }));
  return { codecs: kept, headerExtensions: [] };
}

const loopback = "127.0.0.1";

/** Taps what is given in a session, for whatever runs beside the node on the same machine: a recorder. */
export class SessionTap {
  readonly #router: types.Router;
  readonly #settle: () => Promise<void>;
  readonly #sources = new Map<string, TapSource>();
  readonly #streams = new Map<types.PlainTransport, string>();
  readonly #listeners = new Set<(change: TapChange) => void>();

  /** `settle` is called when somebody begins or stops to take something. */
  constructor(router: types.Router, settle: () => Promise<void>) {
    this.#router = router;
    this.#settle = settle;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** What is given at this moment. */
  sources(): readonly TapSource[] {
    return [...this.#sources.values()];
  }

  /** Is told of every change, until what is returned is called. */
  watch(listener: (change: TapChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends one source to `target`. Throws `participant_not_found` when it has ended. */
  async take(producer: string, { port, rtcpPort }: TapTarget): Promise<TapStream> {
    if (!this.#sources.has(producer)) throw new DomainError("participant_not_found");
    const transport = await this.#router.createPlainTransport({
      listenInfo: { protocol: "udp", ip: loopback },
      rtcpMux: false,
      comedia: false,
    });
    try {
      await transport.connect({ ip: loopback, port, rtcpPort });
      const consumer = await transport.consume({
        producerId: producer,
        rtpCapabilities: plain(this.#router.rtpCapabilities),
        enableRtx: false,
        paused: true,
      });
      transport.observer.once("close", () => this.#streams.delete(transport));
      consumer.observer.once("close", () => transport.close());
      this.#streams.set(transport, producer);
      await this.#settle();
      return this.#streamOf(transport, consumer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  /** Whether somebody takes it. */
  takes(producer: string): boolean {
    return [...this.#streams.values()].includes(producer);
  }

  given({ person, slot, producer }: Given): void {
    const source = { person, slot, kind: producer.kind, producer: producer.id };
    this.#sources.set(producer.id, source);
    this.#tell({ change: "given", source });
  }

  ended(producer: string): void {
    const source = this.#sources.get(producer);
    this.#sources.delete(producer);
    for (const [transport, taken] of [...this.#streams]) if (taken === producer) transport.close();
    if (source) this.#tell({ change: "ended", source });
  }

  /** The session is over. */
  close(): void {
    for (const producer of [...this.#sources.keys()]) this.ended(producer);
    this.#listeners.clear();
  }

  #tell(change: TapChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #streamOf(transport: types.PlainTransport, consumer: types.Consumer): TapStream {
    const { kind, rtpParameters } = consumer;
    const payloadType = rtpParameters.codecs[0]?.payloadType;
    if (payloadType === undefined) throw new Error("mediasoup gave no codec");
    return {
      kind,
      payloadType,
      rtpParameters,
      resume: async () => {
        await consumer.resume();
        if (kind === "video") await consumer.requestKeyFrame();
      },
      pause: () => consumer.pause(),
      close: () => {
        transport.close();
        void this.#settle().catch(() => {});
      },
    };
  }
}
