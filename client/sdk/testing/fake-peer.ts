import type { Peer, PeerHost, PeerSender, StreamName } from "../call/peer.ts";
import type { LinkSample } from "../call/quality.ts";
import { FakeTrack } from "./fake-track.ts";

interface Sent {
  readonly id: string;
  readonly kind: "audio" | "video";
  readonly stream: string;
}

/** A line of a description: what each end sends over it. */
type Line = { readonly kind: "audio" | "video"; readonly sent: Sent | null };

interface Said {
  readonly offer: string;
  readonly ice: string;
  readonly lines: readonly Line[];
}

/** The way between fake peers: two that agreed on each other are connected, for as long as it is not cut. */
export class FakeNetwork {
  private readonly peers = new Set<FakePeer>();
  private open = true;
  sample: LinkSample = { loss: 0, roundTripMs: 20, bandwidth: 2_000_000, connected: true };

  add(peer: FakePeer): void {
    this.peers.add(peer);
  }

  remove(peer: FakePeer): void {
    this.peers.delete(peer);
    this.look();
  }

  cut(): void {
    this.open = false;
    for (const peer of this.peers) peer.lose();
  }

  mend(): void {
    this.open = true;
    this.look();
  }

  look(): void {
    for (const one of this.peers) {
      const other = [...this.peers].find((peer) => peer.hears(one) && one.hears(peer));
      if (this.open && other) one.reach();
      else if (one.connectionState === "connected") one.lose();
    }
  }
}

/** What a browser's connection does about descriptions: its states, roll-back, one thing after another, and when it asks for more. */
export class FakePeer implements Peer {
  signalingState: RTCSignalingState = "stable";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: RTCSessionDescriptionInit | null = null;
  readonly seen = new Map<string, Sent>();
  /** By the id of the track that was added: what is sent in its place by now. */
  readonly carries = new Map<string, MediaStreamTrack | null>();
  private readonly host: PeerHost;
  private readonly network: FakeNetwork;
  private readonly name: string;
  private readonly own: Sent[] = [];
  private agreed = { lines: 0, ours: new Map<number, Sent>(), ice: "", theirIce: "" };
  private draft: typeof this.agreed | null = null;
  private remote: Said | null = null;
  private made = 0;
  private restarting = true;
  private tail: Promise<unknown> = Promise.resolve();
  private queued = 0;

  constructor(name: string, network: FakeNetwork, host: PeerHost) {
    this.name = name;
    this.network = network;
    this.host = host;
    network.add(this);
    this.askForMore();
  }

  /** What is to be sent. */
  get sends(): readonly Sent[] {
    return this.own;
  }

  streamId(name: StreamName): string {
    return `${this.name}-${name}`;
  }

  add(track: MediaStreamTrack, stream: StreamName): PeerSender {
    const kind = track.kind === "audio" ? "audio" : "video";
    this.own.push({ id: track.id, kind, stream: this.streamId(stream) });
    this.carries.set(track.id, track);
    this.askForMore();
    return {
      replace: async (next) => {
        this.carries.set(track.id, next);
      },
    };
  }

  setLocalDescription(): Promise<void> {
    return this.next(() => {
      if (this.signalingState === "have-remote-offer") this.answer();
      else if (this.signalingState === "stable") this.offer();
    });
  }

  setRemoteDescription({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    return this.next(() => {
      const said: Said = JSON.parse(sdp);
      if (type === "offer") this.takeOffer(said);
      else this.takeAnswer(said);
    });
  }

  addIceCandidate(): Promise<void> {
    return this.next(() => undefined);
  }

  restartIce(): void {
    this.restarting = true;
    this.askForMore();
  }

  /** How loud the other is. */
  loudness = 0;

  level(): number {
    return this.loudness;
  }

  async measure(): Promise<LinkSample> {
    return { ...this.network.sample, connected: this.connectionState === "connected" };
  }

  close(): void {
    this.signalingState = "closed";
    this.connectionState = "closed";
    this.network.remove(this);
  }

  hears(other: FakePeer): boolean {
    return this !== other && this.agreed.theirIce !== "" && this.agreed.theirIce === other.agreed.ice;
  }

  reach(): void {
    this.change("connected");
  }

  lose(): void {
    if (this.connectionState === "connected") this.change("disconnected");
  }

  private offer(): void {
    const { lines, ours } = this.agreed;
    const placed = new Map(ours);
    const kinds = this.kinds;
    for (const track of this.own.filter((one) => ![...ours.values()].includes(one))) {
      const free = kinds.findIndex((kind, at) => kind === track.kind && !placed.has(at));
      placed.set(free >= 0 ? free : kinds.push(track.kind) - 1, track);
    }
    this.draft = { ...this.agreed, lines: Math.max(lines, kinds.length), ours: placed, ice: this.nextIce() };
    this.draftKinds = kinds;
    this.made += 1;
    this.describe("offer", `${this.name}-${this.made}`);
    this.signalingState = "have-local-offer";
  }

  private kinds: ("audio" | "video")[] = [];
  private draftKinds: ("audio" | "video")[] = [];

  private takeOffer(said: Said): void {
    // An offer of ours that is not answered is taken back.
    this.draft = null;
    this.remote = said;
    this.signalingState = "have-remote-offer";
  }

  private answer(): void {
    const said = this.remote;
    if (!said) throw new Error("There is no offer.");
    const kinds = said.lines.map(({ kind }) => kind);
    const ours = new Map(this.agreed.ours);
    for (const track of this.own.filter((one) => ![...ours.values()].includes(one))) {
      const free = kinds.findIndex((kind, at) => kind === track.kind && !ours.has(at));
      if (free >= 0) ours.set(free, track);
    }
    const fresh = said.ice !== this.agreed.theirIce;
    const ice = fresh ? this.nextIce() : this.agreed.ice;
    this.draft = { lines: kinds.length, ours, ice, theirIce: said.ice };
    this.draftKinds = kinds;
    this.describe("answer", said.offer);
    this.agree(said);
  }

  private takeAnswer(said: Said): void {
    const { draft } = this;
    if (this.signalingState !== "have-local-offer" || !draft) throw new Error("Nothing was offered.");
    if (said.offer !== `${this.name}-${this.made}`) throw new Error("That answers another offer.");
    this.draft = { ...draft, theirIce: said.ice };
    this.agree(said);
  }

  private agree(said: Said): void {
    if (!this.draft) return;
    this.agreed = this.draft;
    this.kinds = this.draftKinds;
    this.draft = null;
    this.remote = null;
    this.restarting = false;
    this.signalingState = "stable";
    for (const { sent } of said.lines) {
      if (!sent || this.seen.has(sent.id)) continue;
      this.seen.set(sent.id, sent);
      this.host.track(new FakeTrack(sent.kind, sent.id), sent.stream);
    }
    this.network.look();
  }

  private describe(type: "offer" | "answer", offer: string): void {
    const { draft } = this;
    if (!draft) return;
    const lines = this.draftKinds.map((kind, at): Line => ({ kind, sent: draft.ours.get(at) ?? null }));
    const said: Said = { offer, ice: draft.ice, lines };
    this.localDescription = { type, sdp: JSON.stringify(said) };
  }

  private nextIce(): string {
    return this.restarting || this.agreed.ice === ""
      ? `${this.name}-ice-${this.made}-${Math.random()}`
      : this.agreed.ice;
  }

  /** One operation after another; when all are done it is seen whether more has to be agreed upon. */
  private next(work: () => void): Promise<void> {
    this.queued += 1;
    const done = this.tail.then(work);
    this.tail = done
      .catch(() => undefined)
      .then(() => {
        this.queued -= 1;
        this.askForMore();
      });
    return done;
  }

  private askForMore(): void {
    queueMicrotask(() => {
      if (this.queued > 0 || this.signalingState !== "stable") return;
      const placed = [...this.agreed.ours.values()];
      if (this.restarting || this.own.some((one) => !placed.includes(one))) this.host.negotiationNeeded();
    });
  }

  private change(state: RTCPeerConnectionState): void {
    if (this.connectionState === state || this.connectionState === "closed") return;
    this.connectionState = state;
    queueMicrotask(() => this.host.connectionState(state));
  }
}
