import { rejection } from "../../../core/domain/errors.ts";
import {
  type MediasoupJoin,
  type MediasoupRequest,
  mediasoupRequest,
} from "../../../core/protocol/mediasoup.ts";
import type { Slot } from "../call/call-link.ts";
import type { Consumed, Incoming, Json, MediasoupEnd, MediasoupEndHost, Way } from "../call/mediasoup-end.ts";
import { fromRejection } from "../errors.ts";
import { FakeTrack } from "./fake-track.ts";

interface Produced {
  readonly id: string;
  readonly slot: Slot;
  paused: boolean;
}

interface Presence {
  readonly id: string;
  readonly producers: Map<string, Produced>;
  withheld: readonly string[];
  end: FakeEnd | null;
}

/** A media process in memory: it checks what it is asked, answers, and tells everyone its news. */
export class FakeSfu {
  readonly asked: MediasoupRequest[] = [];
  /** Nothing comes through, though it is connected. */
  still = false;
  /** What gets lost of each hundred packets on their way to everyone. */
  lost = 0;
  private readonly people = new Map<string, Presence>();
  private open = true;
  private dead = false;
  private made = 0;

  join(person: string): MediasoupJoin {
    const before = this.people.get(person);
    before?.end?.tell({ news: "elsewhere" });
    const id = this.newId("presence");
    this.people.set(person, { id, producers: new Map(), withheld: [], end: null });
    this.tellAll();
    const transport = (name: string) => ({
      ...{ id: `${name} ${id}`, iceParameters: {}, iceCandidates: [], dtlsParameters: {} },
    });
    return {
      ...{ backend: "mediasoup", presence: id, routerRtpCapabilities: {}, iceServers: [] },
      ...{ send: transport("send"), receive: transport("receive") },
      news: { id: "news", dataProducerId: "news", sctpStreamParameters: {} },
    };
  }

  end(person: string, host: MediasoupEndHost): FakeEnd {
    const end = new FakeEnd(this, host);
    const presence = this.people.get(person);
    if (presence) presence.end = end;
    return end;
  }

  leave(person: string): void {
    this.people.delete(person);
    this.tellAll();
  }

  /** What came through the room. Throws as a room refuses. */
  ask(person: string, data: unknown): object {
    if (this.dead) throw fromRejection(rejection("call_gone"));
    const request = mediasoupRequest.parse(data);
    const me = this.people.get(person);
    if (me?.id !== request.presence) throw fromRejection(rejection("call_moved"));
    this.asked.push(request);
    const answer = this.answer(me, request);
    this.tellAll();
    return answer;
  }

  /** The kinds of what was asked since it was looked at last. */
  news(): string[] {
    return this.asked.splice(0).map((request) => {
      if (request.ask === "produce") return `produce ${request.slot}`;
      return "on" in request ? `${request.ask} ${request.on ? "on" : "off"}` : request.ask;
    });
  }

  get reached(): boolean {
    return this.open && !this.dead;
  }

  /** Nothing gets through to it, or from it. */
  cut(): void {
    this.open = false;
    for (const { end } of this.people.values()) end?.lose();
  }

  mend(): void {
    this.open = true;
  }

  die(): void {
    this.dead = true;
    for (const { end } of this.people.values()) end?.lose();
  }

  tellAll(): void {
    for (const [person, { end }] of this.people) end?.tell({ news: "offers", offers: this.offersTo(person) });
  }

  private offersTo(person: string) {
    return [...this.people].flatMap(([from, { producers, withheld }]) => {
      if (from === person || withheld.includes(person)) return [];
      return [...producers.values()].map(({ id, slot, paused }) => ({
        person: from,
        slot,
        producer: id,
        paused,
      }));
    });
  }

  private answer(me: Presence, request: MediasoupRequest): object {
    switch (request.ask) {
      case "restartIce":
        return { iceParameters: {} };
      case "produce": {
        const { slot } = request;
        for (const { id, slot: taken } of [...me.producers.values()])
          if (taken === slot) me.producers.delete(id);
        const id = this.newId(slot);
        me.producers.set(id, { id, slot, paused: false });
        return { producer: id };
      }
      case "pause": {
        const producer = me.producers.get(request.producer);
        if (!producer) throw fromRejection(rejection("participant_not_found"));
        producer.paused = request.on;
        return {};
      }
      case "unproduce":
        me.producers.delete(request.producer);
        return {};
      case "consume": {
        const { producer } = request;
        const all = [...this.people.values()].flatMap(({ producers }) => [...producers.values()]);
        const slot = all.find(({ id }) => id === producer)?.slot;
        if (!slot) throw fromRejection(rejection("participant_not_found"));
        const kind = slot === "audio" ? "audio" : "video";
        return { consumer: this.newId("consumer"), producer, kind, rtpParameters: {} };
      }
      case "withhold":
        me.withheld = request.from;
        return {};
      default:
        return {};
    }
  }

  private newId(of: string): string {
    this.made += 1;
    return `${of}-${this.made}`;
  }
}

/** A browser's end, without a browser. */
export class FakeEnd implements MediasoupEnd {
  readonly rtpCapabilities = {};
  readonly gives = true;
  /** What is sent at this moment. */
  readonly carries = new Map<Slot, MediaStreamTrack | null>();
  readonly received: FakeTrack[] = [];
  readonly restarts: Way[] = [];
  closed = false;
  private readonly sfu: FakeSfu;
  private readonly host: MediasoupEndHost;
  private readonly states = new Map<Way, RTCPeerConnectionState>();

  constructor(sfu: FakeSfu, host: MediasoupEndHost) {
    this.sfu = sfu;
    this.host = host;
  }

  async listen(): Promise<void> {
    await this.connect("receive");
    this.sfu.tellAll();
  }

  async produce(slot: Slot, track: MediaStreamTrack): Promise<void> {
    this.carries.set(slot, track);
    if (!this.states.has("send")) await this.connect("send");
    await this.host.produce(slot, {});
  }

  carry(slot: Slot, track: MediaStreamTrack | null): void {
    if (this.carries.has(slot)) this.carries.set(slot, track);
  }

  unproduce(slot: Slot): void {
    this.carries.delete(slot);
  }

  async consume({ producer, kind }: Consumed): Promise<Incoming> {
    const track = new FakeTrack(kind, producer);
    let packets = 0;
    this.received.push(track);
    return {
      track,
      getStats: async () => {
        if (!this.sfu.still) packets += 100;
        const packetsLost = (packets * this.sfu.lost) / 100;
        const stat = { id: producer, type: "inbound-rtp", packetsReceived: packets, packetsLost };
        return new Map([[producer, stat]]);
      },
      close: () => track.stop(),
    };
  }

  async restartIce(way: Way, _iceParameters: Json): Promise<void> {
    this.restarts.push(way);
    this.change(way, this.sfu.reached ? "connected" : "connecting");
  }

  async stats(): Promise<ReadonlyMap<string, object>> {
    return new Map();
  }

  close(): void {
    this.closed = true;
  }

  tell(news: object): void {
    if (!this.closed && this.states.get("receive") === "connected") this.host.news(JSON.stringify(news));
  }

  /** The data channel is closed from the other side. */
  deaf(): void {
    this.host.news(null);
  }

  lose(): void {
    for (const way of this.states.keys()) this.change(way, "disconnected");
  }

  private async connect(way: Way): Promise<void> {
    this.change(way, "connecting");
    await this.host.connect(way, {});
    if (this.sfu.reached) this.change(way, "connected");
  }

  private change(way: Way, state: RTCPeerConnectionState): void {
    if (this.closed || this.states.get(way) === state) return;
    this.states.set(way, state);
    this.host.state(way, state);
  }
}
