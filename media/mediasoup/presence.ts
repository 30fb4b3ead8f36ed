import { randomUUID } from "node:crypto";
import type { types } from "mediasoup";
import { DomainError } from "../../core/domain/errors.ts";
import type { MediaSlot, MediasoupJoin, MediasoupNews } from "../../core/protocol/mediasoup.ts";
import type { NodeLimits } from "./limits.ts";

/** Something that somebody gives to the others. */
export interface Given {
  readonly person: string;
  readonly slot: MediaSlot;
  readonly producer: types.Producer;
  /** Whoever gives it has stopped it for now. */
  off: boolean;
}

/** Something that somebody takes from another. */
export interface Taken {
  readonly from: Given;
  readonly consumer: types.Consumer;
  /** They look at it, or hear it, at this moment. */
  wanted: boolean;
}

/** Where a presence has its transports. */
export interface PresenceParts {
  readonly router: types.Router;
  readonly server: types.WebRtcServer;
  /** Over which the node itself speaks. */
  readonly direct: types.DirectTransport;
  readonly limits: NodeLimits;
  /** Their data channel is open: they can be told how things stand. */
  listening(presence: Presence): void;
  /** Their network has been gone for too long. */
  lost(presence: Presence): void;
}

/** mediasoup notices that nobody answers any more (s); then a browser may still come back. */
const consentSeconds = 10;
const farewellMs = 500;

/** Somebody in a session, from one browser: their transports, and what they give and take over them. */
export class Presence {
  readonly id = randomUUID();
  readonly person: string;
  readonly send: types.WebRtcTransport | null;
  readonly receive: types.WebRtcTransport;
  readonly given = new Map<MediaSlot, Given>();
  readonly taken = new Map<string, Taken>();
  /** Who receives nothing of this person for now. */
  withheld: ReadonlySet<string> = new Set();
  readonly #news: types.DataProducer;
  readonly #channel: types.DataConsumer;
  readonly #connected = new Set<string>();
  readonly #gone = new Map<string, NodeJS.Timeout>();
  readonly #told = new Map<MediasoupNews["news"], string>();
  #closed = false;

  private constructor(
    person: string,
    transports: Pick<Presence, "send" | "receive">,
    news: types.DataProducer,
    channel: types.DataConsumer,
    parts: PresenceParts,
  ) {
    this.person = person;
    this.send = transports.send;
    this.receive = transports.receive;
    this.#news = news;
    this.#channel = channel;
    this.receive.on("sctpstatechange", (state) => {
      if (state !== "connected") return;
      this.#told.clear();
      parts.listening(this);
    });
    this.#watchNetwork(parts);
  }

  /** Throws where the worker cannot; nothing stays open then. */
  static async open(
    { person, listens }: { readonly person: string; readonly listens: boolean },
    parts: PresenceParts,
  ): Promise<Presence> {
    const opened: { close(): void }[] = [];
    const keep = <T extends { close(): void }>(one: T): T => {
      opened.push(one);
      return one;
    };
    const { router, server: webRtcServer, direct, limits } = parts;
    const options = { webRtcServer, preferUdp: true, iceConsentTimeout: consentSeconds };
    try {
      const send = listens ? null : keep(await router.createWebRtcTransport(options));
      await send?.setMaxIncomingBitrate(limits.incomingBitrate);
      const receive = keep(
        await router.createWebRtcTransport({
          ...options,
          enableSctp: true,
          initialAvailableOutgoingBitrate: 1_000_000,
        }),
      );
      const news = keep(await direct.produceData({ label: "news" }));
      const channel = await receive.consumeData({ dataProducerId: news.id, ordered: true });
      return new Presence(person, { send, receive }, news, channel, parts);
    } catch (error) {
      for (const one of opened) one.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What this person's browser needs, but for the way through firewalls. */
  ticket(routerRtpCapabilities: types.RtpCapabilities): Omit<MediasoupJoin, "iceServers"> {
    const { id, dataProducerId, sctpStreamParameters } = this.#channel;
    return {
      backend: "mediasoup",
      presence: this.id,
      routerRtpCapabilities,
      send: this.send && described(this.send),
      receive: described(this.receive),
      news: { id, dataProducerId, sctpStreamParameters: { ...sctpStreamParameters } },
    };
  }

  /** Said twice, it does nothing more. */
  async connect(id: string, dtlsParameters: types.DtlsParameters): Promise<void> {
    const transport = this.transport(id);
    if (this.#connected.has(id)) return;
    await transport.connect({ dtlsParameters });
    this.#connected.add(id);
  }

  /** Throws `call_moved` when it is none of this presence's. */
  transport(id: string): types.WebRtcTransport {
    const found = [this.send, this.receive].find((one) => one?.id === id);
    if (!found) throw new DomainError("call_moved");
    return found;
  }

  /** The same is said once. */
  tell(news: MediasoupNews): void {
    const text = JSON.stringify(news);
    if (this.#closed || this.#news.closed || this.#told.get(news.news) === text) return;
    this.#told.set(news.news, text);
    this.#news.send(text);
  }

  drop(given: Given): void {
    if (this.given.get(given.slot) === given) this.given.delete(given.slot);
    given.producer.close();
  }

  /** Gives and takes nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const timer of this.#gone.values()) clearTimeout(timer);
    this.given.clear();
    this.taken.clear();
    this.send?.close();
    this.receive.close();
    this.#news.close();
  }

  /** Another browser of the same person's is in the session now: this one is told so, and is out. */
  displace(): void {
    if (this.#closed) return;
    this.tell({ news: "elsewhere" });
    this.#closed = true;
    for (const timer of this.#gone.values()) clearTimeout(timer);
    this.send?.close();
    for (const { consumer } of this.taken.values()) consumer.close();
    this.given.clear();
    this.taken.clear();
    // What was said last is still on its way.
    setTimeout(() => {
      this.receive.close();
      this.#news.close();
    }, farewellMs).unref();
  }

  #watchNetwork({ limits, lost }: PresenceParts): void {
    for (const transport of [this.send, this.receive]) {
      transport?.on("icestatechange", (state) => {
        clearTimeout(this.#gone.get(transport.id));
        if (state !== "disconnected") return;
        const left = Math.max(0, limits.goneMs - consentSeconds * 1_000);
        this.#gone.set(
          transport.id,
          setTimeout(() => lost(this), left),
        );
      });
    }
    // Whoever is let in and never comes.
    const never = setTimeout(() => {
      if (this.receive.iceState === "new") lost(this);
    }, 2 * limits.goneMs);
    this.#gone.set("never", never);
  }
}

function described(transport: types.WebRtcTransport): MediasoupJoin["receive"] {
  const { id, iceParameters, iceCandidates, dtlsParameters, sctpParameters } = transport;
  return {
    id,
    iceParameters,
    iceCandidates,
    dtlsParameters,
    ...(sctpParameters ? { sctpParameters: { ...sctpParameters } } : {}),
  };
}
