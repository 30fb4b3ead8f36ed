import type { MediasoupJoin } from "../../../core/protocol/mediasoup.ts";
import { newId } from "../lib/ids.ts";
import { type Slot, slots } from "./call-link.ts";
import type {
  Consumed,
  Incoming,
  Json,
  MediasoupEnd,
  MediasoupEndHost,
  Stats,
  Way,
} from "./mediasoup-end.ts";

/** mediasoup's library, as far as it is used; whoever has it gives it, so that nobody else has to load it. */
export interface MediasoupLibrary {
  readonly Device: { factory(): Promise<LibraryDevice> };
}

interface LibraryDevice {
  readonly recvRtpCapabilities: Json;
  load(options: { routerRtpCapabilities: Json }): Promise<void>;
  createSendTransport(options: Json): LibraryTransport;
  createRecvTransport(options: Json): LibraryTransport;
}

interface LibraryTransport {
  on(
    event: "connect",
    listener: (own: { dtlsParameters: Json }, done: () => void, failed: (error: Error) => void) => void,
  ): unknown;
  on(
    event: "produce",
    listener: (own: Produced, done: (made: { id: string }) => void, failed: (error: Error) => void) => void,
  ): unknown;
  on(event: "connectionstatechange", listener: (state: RTCPeerConnectionState) => void): unknown;
  produce(options: Json): Promise<LibraryProducer>;
  consume(options: Json): Promise<Incoming>;
  consumeData(options: Json): Promise<LibraryChannel>;
  restartIce(options: { iceParameters: Json }): Promise<void>;
  getStats(): Promise<Stats>;
  close(): void;
}

interface Produced {
  readonly rtpParameters: Json;
  readonly appData: Json;
}

interface LibraryProducer {
  close(): void;
}

interface LibraryChannel {
  on(event: "message", listener: (data: unknown) => void): unknown;
  on(event: "close", listener: () => void): unknown;
}

/** The library's end of a session, in a browser. */
export async function openMediasoup(
  { Device }: MediasoupLibrary,
  join: MediasoupJoin,
  host: MediasoupEndHost,
): Promise<MediasoupEnd> {
  const device = await Device.factory();
  await device.load({ routerRtpCapabilities: join.routerRtpCapabilities });
  return new LibraryEnd(device, join, host);
}

class LibraryEnd implements MediasoupEnd {
  readonly rtpCapabilities: Json;
  private readonly receive: LibraryTransport;
  private readonly send: LibraryTransport | null;
  private readonly news: MediasoupJoin["news"];
  private readonly host: MediasoupEndHost;
  private readonly senders = new Map<Slot, RTCRtpSender>();
  private readonly producers = new Map<Slot, LibraryProducer>();
  private closed = false;

  constructor(device: LibraryDevice, join: MediasoupJoin, host: MediasoupEndHost) {
    const { iceServers, receive, send, news } = join;
    this.host = host;
    this.news = news;
    this.rtpCapabilities = device.recvRtpCapabilities;
    this.receive = this.attend("receive", device.createRecvTransport({ ...receive, iceServers }));
    this.send = send && this.attend("send", device.createSendTransport({ ...send, iceServers }));
  }

  get gives(): boolean {
    return this.send !== null;
  }

  async listen(): Promise<void> {
    const channel = await this.receive.consumeData(this.news);
    channel.on("message", (data) => this.closed || this.host.news(data));
    channel.on("close", () => this.closed || this.host.news(null));
  }

  async produce(slot: Slot, track: MediaStreamTrack): Promise<void> {
    const producer = await this.send?.produce({
      ...sendingOf(slot),
      ...{ track, appData: { slot } },
      // The page goes on with its tracks, also where nobody receives them.
      ...{ stopTracks: false, disableTrackOnPause: false },
      onRtpSender: (sender: RTCRtpSender) => this.senders.set(slot, sender),
    });
    if (producer) this.producers.set(slot, producer);
  }

  /** Past the library, which does one thing after another: whoever falls silent does not wait. */
  carry(slot: Slot, track: MediaStreamTrack | null): void {
    this.senders
      .get(slot)
      ?.replaceTrack(track)
      .catch(() => undefined);
  }

  unproduce(slot: Slot): void {
    this.producers.get(slot)?.close();
    this.producers.delete(slot);
    this.senders.delete(slot);
  }

  consume({ consumer: id, producer: producerId, kind, rtpParameters }: Consumed): Promise<Incoming> {
    return this.receive.consume({ id, producerId, kind, rtpParameters });
  }

  async restartIce(way: Way, iceParameters: Json): Promise<void> {
    await this.transport(way)?.restartIce({ iceParameters });
  }

  async stats(way: Way): Promise<Stats | null> {
    return (await this.transport(way)?.getStats()) ?? null;
  }

  close(): void {
    this.closed = true;
    this.send?.close();
    this.receive.close();
  }

  private transport(way: Way): LibraryTransport | null {
    if (this.closed) return null;
    return way === "send" ? this.send : this.receive;
  }

  private attend(way: Way, transport: LibraryTransport): LibraryTransport {
    const { host } = this;
    transport.on("connect", ({ dtlsParameters }, done, failed) => {
      host.connect(way, dtlsParameters).then(done, failed);
    });
    transport.on("produce", ({ rtpParameters, appData }, done, failed) => {
      const slot = slots.find((one) => one === appData.slot);
      if (!slot) return failed(new Error("That is in no slot."));
      host.produce(slot, rtpParameters).then((id) => done({ id }), failed);
    });
    transport.on("connectionstatechange", (state) => {
      if (!this.closed) host.state(way, state);
    });
    return transport;
  }
}

/** A picture goes out in three sizes, so that each of the others gets what their connection carries. */
const sizes = [
  { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];

function sendingOf(slot: Slot): Json {
  switch (slot) {
    case "audio":
      return { codecOptions: { opusDtx: true, opusFec: true } };
    case "video":
      return { encodings: sizes, codecOptions: { videoGoogleStartBitrate: 600 } };
    case "screen":
      // Apart from picture and voice, which wait for each other.
      return { encodings: [{ maxBitrate: 2_500_000 }], streamId: newId() };
  }
}
