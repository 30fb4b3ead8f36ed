import type { Clock } from "../lib/clock.ts";
import { type LinkState, type Sending, type Slot, slots } from "./call-link.ts";
import { Negotiation } from "./negotiation.ts";
import type { MakePeer, Peer, PeerSender } from "./peer.ts";
import type { PeerMessage } from "./peer-message.ts";
import type { LinkSample } from "./quality.ts";

export interface PeerPairParts {
  /** The page at the other end. */
  readonly theirs: string;
  readonly polite: boolean;
  readonly makePeer: MakePeer;
  readonly clock: Clock;
  readonly send: (message: PeerMessage) => void;
  readonly reachable: () => boolean;
  readonly track: (slot: Slot, track: MediaStreamTrack | null) => void;
  readonly sending: (what: Sending) => void;
  /** Whether they want to have our pictures. */
  readonly wantsPictures: (on: boolean) => void;
  readonly state: (state: LinkState) => void;
  readonly failed: () => void;
}

/** Milliseconds. A break is often over by itself; */
const breath = 1_000;
/** a new way is looked for so often; */
const tryAgain = 4_000;
/** what nobody answers, or what did not get through, is said again so often, also where what was agreed before goes on; */
const sayAgain = 1_500;
/** and after so long, with the room in reach, it is said that there is none. */
const patience = 12_000;

interface Told {
  readonly what: Sending;
  readonly pictures: boolean;
}

/** The connection with one other page: what goes over it, and its repair. */
export class PeerPair {
  readonly theirs: string;
  private readonly parts: PeerPairParts;
  private readonly peer: Peer;
  private readonly negotiation: Negotiation;
  private readonly senders = new Map<Slot, PeerSender>();
  /** The id of the stream with their screen. */
  private screen = "";
  private told: Told | null = null;
  private everConnected = false;
  private closed = false;
  private stopMending: () => void = () => undefined;
  private stopSaying: () => void = () => undefined;
  /** For how long a new way was looked for in vain. */
  private waited = 0;

  constructor(parts: PeerPairParts) {
    this.parts = parts;
    this.theirs = parts.theirs;
    this.peer = parts.makePeer({
      negotiationNeeded: () => void this.guard(() => this.negotiation.offer()),
      candidate: (candidate) => this.negotiation.candidate(candidate),
      track: (track, stream) => this.takeTrack(track, stream),
      connectionState: (state) => this.takeState(state),
    });
    this.negotiation = new Negotiation(this.peer, parts.polite, (message) => {
      parts.send(message);
      if (message.kind === "offer") this.unheard();
    });
    parts.state("connecting");
    this.mend(tryAgain);
  }

  send(slot: Slot, track: MediaStreamTrack | null): void {
    const sender = this.senders.get(slot);
    if (sender) void this.guard(() => sender.replace(track));
    else if (track) this.senders.set(slot, this.peer.add(track, slot === "screen" ? "screen" : "main"));
  }

  /** What of us is on, as a track that falls silent says nothing by itself; and whether we want pictures. */
  tell(what: Sending, pictures: boolean): void {
    const told = { what, pictures };
    if (this.told && sameAs(told, this.told)) return;
    this.told = told;
    this.tellAgain();
  }

  async take(message: PeerMessage): Promise<void> {
    if (message.kind === "hello") this.resume();
    else if (message.kind === "sending") {
      this.parts.sending(message.what);
      this.parts.wantsPictures(message.pictures);
    } else if (message.kind !== "elsewhere") {
      if (message.kind !== "candidate") this.screen = message.screen;
      await this.guard(() => this.negotiation.take(message));
    }
  }

  /** We can hear each other again: what was said last may be lost. */
  resume(): void {
    this.tellAgain();
    this.negotiation.repeat();
    if (this.everConnected && this.peer.connectionState !== "connected") this.peer.restartIce();
  }

  /** What was said may not have arrived: it is said again soon, unless there is no need by then. */
  unheard(): void {
    this.stopSaying();
    this.stopSaying = this.parts.clock.after(sayAgain, () => {
      if (this.closed) return;
      if (!this.parts.reachable()) return this.unheard();
      this.tellAgain();
      this.negotiation.repeat();
    });
  }

  measure(): Promise<LinkSample> {
    return this.peer.measure();
  }

  /** How loud they are, from 0 to 1. */
  level(): number {
    return this.peer.level();
  }

  close(): void {
    this.closed = true;
    this.stopMending();
    this.stopSaying();
    this.peer.close();
  }

  private tellAgain(): void {
    if (this.told) this.parts.send({ kind: "sending", ...this.told });
  }

  private takeTrack(track: MediaStreamTrack, stream: string): void {
    const slot = track.kind === "audio" ? "audio" : stream === this.screen ? "screen" : "video";
    this.parts.track(slot, track);
  }

  private takeState(state: RTCPeerConnectionState): void {
    if (state === "connected") {
      this.everConnected = true;
      this.stopMending();
      this.waited = 0;
      this.parts.state("connected");
      // They may not have known us yet when it was said first.
      this.tellAgain();
    } else if (state === "disconnected" || state === "failed") {
      this.parts.state(this.everConnected ? "reconnecting" : "connecting");
      this.mend(state === "failed" ? 0 : breath);
    }
  }

  /** Looks for a new way, again and again until there is one. */
  private mend(afterMs: number): void {
    this.stopMending();
    this.stopMending = this.parts.clock.after(afterMs, () => {
      if (this.closed || this.peer.connectionState === "connected") return;
      if (this.parts.reachable()) {
        if (this.peer.signalingState === "have-local-offer") this.negotiation.repeat();
        else this.peer.restartIce();
        this.waited += tryAgain;
      }
      if (this.waited >= patience) {
        this.waited = 0;
        this.parts.failed();
      }
      this.mend(tryAgain);
    });
  }

  /** What a closed peer refuses is of no interest, and what an open one does is mended as a break is. */
  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      if (!this.closed) this.mend(breath);
    }
  }
}

function sameAs(one: Told, other: Told): boolean {
  return one.pictures === other.pictures && slots.every((slot) => one.what[slot] === other.what[slot]);
}
