import type { Clock } from "../lib/clock.ts";
import { newId } from "../lib/ids.ts";
import { type CallLink, type LinkHost, nothingSent, type Sending, type Slot, slots } from "./call-link.ts";
import type { MakePeer } from "./peer.ts";
import { type PeerMessage, parseEnvelope } from "./peer-message.ts";
import { PeerPair } from "./peer-pair.ts";
import type { LinkSample } from "./quality.ts";
import { type Heard, hear, speakers } from "./voices.ts";

export interface PeerLinkParts {
  readonly host: LinkHost;
  readonly makePeer: MakePeer;
  readonly polite: boolean;
  readonly clock: Clock;
}

/** Somebody who was greeted and has not answered is greeted again after so long (ms). */
const greetAgain = 1_500;
/** It is seen who speaks so often (ms). */
const listenEvery = 300;

/**
 * A call from browser to browser; the room only passes on what they say to each other. Whoever comes says hello; the
 * impolite end makes the first offer when it hears that, and the polite one says hello in return.
 */
export class PeerLink implements CallLink {
  private readonly parts: PeerLinkParts;
  /** This page's, as the others address it. */
  private readonly id = newId();
  private readonly pairs = new Map<string, PeerPair>();
  private readonly tracks = new Map<Slot, MediaStreamTrack>();
  /** null: we have just come ourselves. */
  private present: readonly string[] | null = null;
  private withheld: readonly string[] = [];
  private pictures = true;
  /** Those who want no pictures of ours. */
  private readonly spared = new Set<string>();
  private heard: Heard = new Map();
  private speaking: readonly string[] = [];
  private stopListening: () => void = () => undefined;
  private stopGreeting: () => void = () => undefined;
  private closed = false;

  constructor(parts: PeerLinkParts) {
    this.parts = parts;
    this.listen();
  }

  send(slot: Slot, track: MediaStreamTrack | null): void {
    if (track) this.tracks.set(slot, track);
    else this.tracks.delete(slot);
    for (const person of this.pairs.keys()) this.give(person, [slot]);
  }

  withhold(from: readonly string[]): void {
    if (sameList(from, this.withheld)) return;
    this.withheld = from;
    for (const person of this.pairs.keys()) this.give(person, slots);
  }

  wantPictures(on: boolean): void {
    if (on === this.pictures) return;
    this.pictures = on;
    for (const person of this.pairs.keys()) this.give(person, []);
  }

  people(present: readonly string[]): void {
    const first = this.present === null;
    if (this.present && sameList(present, this.present)) return;
    this.present = present;
    for (const person of this.pairs.keys()) if (!present.includes(person)) this.drop(person);
    // Whoever comes later greets us: two greetings at once make two offers.
    if (first) this.greet();
    else this.greetLater();
  }

  receive(from: string, data: unknown): void {
    const envelope = parseEnvelope(data);
    if (!envelope || this.closed || (envelope.to !== null && envelope.to !== this.id)) return;
    const { message } = envelope;
    if (message.kind === "elsewhere") this.parts.host.elsewhere();
    else void this.pairWith(from, envelope.from, message)?.take(message);
  }

  resumed(): void {
    for (const pair of this.pairs.values()) pair.resume();
    this.greet();
  }

  async measure(): Promise<ReadonlyMap<string, LinkSample>> {
    const samples = [...this.pairs].map(async ([person, pair]) => [person, await pair.measure()] as const);
    return new Map(await Promise.all(samples));
  }

  close(): void {
    this.closed = true;
    this.stopGreeting();
    this.stopListening();
    for (const person of this.pairs.keys()) this.drop(person);
  }

  /** With this page of theirs; null: it has not begun to talk to us. Whoever opens another page moves there. */
  private pairWith(person: string, theirs: string, { kind }: PeerMessage): PeerPair | null {
    const known = this.pairs.get(person);
    if (known?.theirs === theirs) return known;
    if (kind !== "hello" && kind !== "offer") return null;
    if (known) {
      this.say(person, known.theirs, { kind: "elsewhere" });
      this.drop(person);
    }
    // Two first offers that meet break a connection for good in Chromium ("Failed to start SCTP transport").
    if (kind === "hello" && this.parts.polite) {
      this.say(person, theirs, { kind: "hello" });
      return null;
    }
    return this.meet(person, theirs);
  }

  private meet(person: string, theirs: string): PeerPair {
    const { host, makePeer, polite, clock } = this.parts;
    const pair = new PeerPair({
      ...{ theirs, polite, makePeer, clock },
      send: (message) => this.say(person, theirs, message),
      reachable: () => host.reachable(person),
      track: (slot, track) => host.track(person, slot, track),
      sending: (what) => host.sending(person, what),
      wantsPictures: (on) => this.spare(person, !on),
      state: (state) => host.state(person, state),
      failed: () => host.failed(person),
    });
    this.pairs.set(person, pair);
    this.give(person, slots);
    return pair;
  }

  private give(person: string, which: readonly Slot[]): void {
    const pair = this.pairs.get(person);
    if (!pair) return;
    const open = !this.withheld.includes(person);
    for (const slot of which) {
      const wanted = slot === "audio" || !this.spared.has(person);
      pair.send(slot, (open && wanted && this.tracks.get(slot)) || null);
    }
    pair.tell(open ? this.sending() : nothingSent, this.pictures);
  }

  private spare(person: string, on: boolean): void {
    if (on === this.spared.has(person)) return;
    if (on) this.spared.add(person);
    else this.spared.delete(person);
    this.give(person, ["video", "screen"]);
  }

  private sending(): Sending {
    return {
      audio: this.tracks.has("audio"),
      video: this.tracks.has("video"),
      screen: this.tracks.has("screen"),
    };
  }

  private drop(person: string): void {
    this.pairs.get(person)?.close();
    this.pairs.delete(person);
    this.spared.delete(person);
  }

  private listen(): void {
    const { host, clock } = this.parts;
    this.stopListening = clock.after(listenEvery, () => this.listen(), true);
    const levels = new Map([...this.pairs].map(([person, pair]) => [person, pair.level()] as const));
    this.heard = hear(this.heard, levels, clock.now());
    const speaking = speakers(this.heard, clock.now());
    if (sameList(speaking, this.speaking)) return;
    this.speaking = speaking;
    host.speaking(speaking);
  }

  /** Says hello to whoever is there and has not been met. A greeting may be lost, so it is said again. */
  private greet(): void {
    const strangers = (this.present ?? []).filter((person) => !this.pairs.has(person));
    if (this.closed || strangers.length === 0) return;
    for (const person of strangers) this.say(person, null, { kind: "hello" });
    this.greetLater();
  }

  private greetLater(): void {
    this.stopGreeting();
    this.stopGreeting = this.parts.clock.after(greetAgain, () => this.greet());
  }

  /** A greeting that does not get through is said again by the clock, and everything else by the pair that it is of. */
  private say(person: string, to: string | null, message: PeerMessage): void {
    this.parts.host.signal({ from: this.id, to, message }, person).catch(() => {
      const pair = this.pairs.get(person);
      if (pair?.theirs === to) pair.unheard();
    });
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one) => b.includes(one));
}
