import type { MediasoupJoin } from "../../../core/protocol/mediasoup.ts";
import type { HugMeDoError } from "../errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { CallLink, LinkHost, LinkState, Slot } from "./call-link.ts";
import { type MediasoupEnd, type MediasoupEndHost, type Way, ways } from "./mediasoup-end.ts";
import { Mending } from "./mediasoup-mending.ts";
import { parseNews } from "./mediasoup-news.ts";
import { MediasoupReceiver } from "./mediasoup-receiver.ts";
import { MediasoupRequests } from "./mediasoup-requests.ts";
import { MediasoupSender } from "./mediasoup-sender.ts";
import { type Counters, countersOf, noCounters, sampleOf } from "./peer-stats.ts";
import type { LinkSample } from "./quality.ts";

export interface MediasoupLinkParts {
  readonly host: LinkHost;
  readonly join: MediasoupJoin;
  /** Loads the library where that is not there yet, and makes this browser's end. */
  readonly open: (host: MediasoupEndHost) => Promise<MediasoupEnd>;
  readonly clock: Clock;
}

/** Milliseconds. What could not be begun is begun again after so long; */
const tryAgain = 4_000;
/** who has lost their place takes another after so long; */
const soon = 1_000;
/** and so long the room may take to say that the call has moved, before it is I who am elsewhere. */
const grace = 3_000;
/** From this on (dBov) somebody counts as speaking. */
const loud = -50;

/**
 * A call over mediasoup: everyone is connected with one media process, which passes on what each gives. What is asked of
 * it goes through the room, and its news come over a data channel, so that a move of the room changes nothing.
 */
export class MediasoupLink implements CallLink {
  private readonly parts: MediasoupLinkParts;
  private readonly requests: MediasoupRequests;
  private readonly sender: MediasoupSender;
  private readonly receiver: MediasoupReceiver;
  private readonly mending: Readonly<Record<Way, Mending>>;
  private readonly states = new Map<Way, RTCPeerConnectionState>();
  private readonly ever = new Set<Way>();
  private readonly heard = new Map<string, Counters>();
  private counted: Counters | null = null;
  private own: LinkSample | null = null;
  /** Of whom nothing comes, though it should. */
  private silent: readonly string[] = [];
  private present: readonly string[] = [];
  private end: MediasoupEnd | null = null;
  private closed = false;
  private stopTimer: () => void = () => undefined;

  constructor(parts: MediasoupLinkParts) {
    const { host, join, clock } = parts;
    this.parts = parts;
    this.requests = new MediasoupRequests({
      ...{ presence: join.presence, clock },
      ask: (data) => host.ask(data),
      refused: (ask, error) => this.refused(ask, error),
    });
    const { requests } = this;
    this.sender = new MediasoupSender({ requests, clock });
    this.receiver = new MediasoupReceiver({ host, requests });
    this.mending = { receive: this.mendingOf("receive"), send: this.mendingOf("send") };
    this.mending.receive.take("connecting");
    void this.begin();
  }

  send(slot: Slot, track: MediaStreamTrack | null): void {
    this.sender.send(slot, track);
  }

  people(present: readonly string[]): void {
    this.present = present;
    this.receiver.people(present);
    this.show();
  }

  withhold(from: readonly string[]): void {
    this.sender.withhold(from);
  }

  wantPictures(on: boolean): void {
    this.receiver.wantPictures(on);
  }

  receive(): void {}

  resumed(): void {
    this.requests.hurry();
    for (const way of ways) this.mending[way].hurry();
  }

  async measure(): Promise<ReadonlyMap<string, LinkSample>> {
    const { end } = this;
    if (!end) return new Map();
    const [own, heard] = await Promise.all([this.measureOwn(end), this.receiver.measure()]);
    const silent: string[] = [];
    const samples = [...heard].map(([person, { counters, due }]) => {
      const before = this.heard.get(person);
      const now = { ...own, received: counters.received, lost: counters.lost };
      this.heard.set(person, now);
      if (due && before && now.received <= before.received) silent.push(person);
      const connected = this.state === "connected" && !silent.includes(person);
      return [person, sampleOf(before ?? null, now, connected)] as const;
    });
    this.silent = silent;
    this.show();
    return new Map(samples);
  }

  uplink(): LinkSample | null {
    return this.own;
  }

  close(): void {
    this.closed = true;
    this.stopTimer();
    for (const way of ways) this.mending[way].rest();
    this.requests.close();
    this.sender.stop();
    this.receiver.stop();
    this.end?.close();
    this.end = null;
  }

  private async begin(): Promise<void> {
    try {
      this.end = await this.open();
    } catch {
      this.later(tryAgain, () => void this.begin());
    }
    // What is refused is heard of by `refused`.
    await this.end?.listen().catch(() => this.later(tryAgain, () => this.parts.host.again()));
  }

  private async open(): Promise<MediasoupEnd | null> {
    const { sender, receiver, requests, parts } = this;
    const end = await parts.open({
      connect: (way, dtlsParameters) => requests.connect(this.transport(way), dtlsParameters),
      produce: (slot, rtpParameters) => sender.produce(slot, rtpParameters),
      state: (way, state) => this.takeState(way, state),
      news: (data) => this.takeNews(data),
    });
    if (this.closed) {
      end.close();
      return null;
    }
    sender.serve(end);
    receiver.serve(end);
    return end;
  }

  private takeState(way: Way, state: RTCPeerConnectionState): void {
    this.states.set(way, state);
    if (state === "connected") this.ever.add(way);
    this.mending[way].take(state);
    this.show();
  }

  private takeNews(data: unknown): void {
    const { host } = this.parts;
    const news = data === null ? null : parseNews(data);
    if (data === null) void this.lost();
    else if (news?.news === "elsewhere") host.elsewhere();
    else if (news?.news === "offers") this.receiver.offers(news.offers);
    else if (news?.news === "speaking") {
      const heard = Object.entries(news.levels).filter(([, level]) => level >= loud);
      const people = heard.map(([person]) => person);
      host.speaking(news.person === null ? people : [news.person, ...people]);
    }
  }

  /** Without news nothing can be followed; who asks for anything hears whether it is I who am elsewhere. */
  private async lost(): Promise<void> {
    const there = await this.requests.restartIce(this.transport("receive")).catch(() => null);
    if (there) this.later(0, () => this.parts.host.again());
  }

  /** The session, or my place in it, is gone: joining again says which. */
  private refused(ask: string, { code }: HugMeDoError): void {
    const { host } = this.parts;
    if (code === "call_moved") this.later(grace, () => this.lookElsewhere());
    else if (code === "call_gone" || ask === "connect" || ask === "restartIce")
      this.later(soon, () => host.again());
  }

  /** Another window or device has my place, unless the whole call goes over to another session. */
  private lookElsewhere(): void {
    if (this.parts.host.current()) this.parts.host.elsewhere();
    else this.later(grace, () => this.lookElsewhere());
  }

  private mendingOf(way: Way): Mending {
    const { host, clock } = this.parts;
    return new Mending({
      clock,
      restart: async () => {
        if (!this.end) return;
        const iceParameters = await this.requests.restartIce(this.transport(way));
        await this.end.restartIce(way, iceParameters);
      },
      reachable: () =>
        host.current() &&
        (this.present.length === 0 || this.present.some((person) => host.reachable(person))),
      failed: () => host.failed(null),
    });
  }

  private transport(way: Way): string {
    const { receive, send } = this.parts.join;
    return (way === "send" ? send : receive)?.id ?? "";
  }

  private get state(): LinkState {
    const broken = [...this.ever].some((way) => this.states.get(way) !== "connected");
    if (broken) return "reconnecting";
    return this.ever.has("receive") ? "connected" : "connecting";
  }

  private show(): void {
    const { state, silent } = this;
    for (const person of this.present)
      this.parts.host.state(
        person,
        state === "connected" && silent.includes(person) ? "reconnecting" : state,
      );
  }

  /** What is the same for all: how my own sending goes. */
  private async measureOwn(end: MediasoupEnd): Promise<Counters> {
    const [received, sent] = await Promise.all(
      ways.map(async (way) => countersOf((await end.stats(way)) ?? new Map())),
    );
    const roundTripMs = sent?.roundTripMs ?? received?.roundTripMs ?? null;
    const own = { ...noCounters, ...sent, received: 0, lost: 0, roundTripMs };
    this.own = sampleOf(this.counted, own, this.state === "connected");
    this.counted = own;
    return own;
  }

  private later(ms: number, work: () => void): void {
    if (this.closed) return;
    this.stopTimer();
    this.stopTimer = this.parts.clock.after(ms, work);
  }
}
