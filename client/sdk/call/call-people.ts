import { changed } from "../lib/keep.ts";
import type { LinkState, Sending, Slot } from "./call-link.ts";
import type { CallPerson, LinkQuality } from "./types.ts";

interface Known {
  readonly state: CallPerson["state"];
  readonly tracks: Readonly<Record<Slot, MediaStreamTrack | null>>;
  /** null: they have not said. */
  readonly sending: Sending | null;
  readonly quality: LinkQuality | null;
  readonly speaking: boolean;
}

const stranger: Known = {
  state: "connecting",
  tracks: { audio: null, video: null, screen: null },
  sending: null,
  quality: null,
  speaking: false,
};

/** What is known of each of the others in a call. It outlives the session that told it. */
export class CallPeople {
  private readonly known = new Map<string, Known>();
  private readonly tell: () => void;

  constructor(tell: () => void) {
    this.tell = tell;
  }

  track(person: string, slot: Slot, track: MediaStreamTrack | null): void {
    this.learn(person, (known) => ({ tracks: { ...known.tracks, [slot]: track } }));
  }

  sending(person: string, sending: Sending): void {
    this.learn(person, () => ({ sending }));
  }

  /** Whoever was seen before and is met anew comes back. */
  state(person: string, state: LinkState): void {
    this.learn(person, (known) => {
      const again = state === "connecting" && known.state !== "connecting";
      return again ? { ...stranger, state: "reconnecting" } : { state };
    });
  }

  qualities(qualities: ReadonlyMap<string, LinkQuality>): void {
    for (const [person, quality] of qualities) this.learn(person, () => ({ quality }));
  }

  speaking(people: readonly string[]): void {
    for (const [person, { speaking }] of this.known) {
      const now = people.includes(person);
      if (now !== speaking) this.learn(person, () => ({ speaking: now }));
    }
  }

  /** The session is gone, and what came over it. */
  lost(): void {
    for (const [person, { state }] of this.known) {
      this.known.set(person, { ...stranger, state: state === "connecting" ? state : "reconnecting" });
    }
    this.tell();
  }

  /**
   * Those who are in the call now; whoever has left is forgotten. What is as before stays the same objects.
   * Without `pictures` there are none of anybody.
   */
  view(present: readonly string[], before: readonly CallPerson[], pictures: boolean): readonly CallPerson[] {
    for (const person of this.known.keys()) if (!present.includes(person)) this.known.delete(person);
    const now = present.map((person) => {
      const { state, tracks, sending, quality, speaking } = this.known.get(person) ?? stranger;
      const microphone = sending?.audio ?? tracks.audio !== null;
      const one: CallPerson = {
        ...{ person, state, quality, microphone },
        audio: tracks.audio,
        video: pictures && (sending?.video ?? true) ? tracks.video : null,
        screen: pictures && (sending?.screen ?? true) ? tracks.screen : null,
        speaking: speaking && microphone && state === "connected",
      };
      const old = before.find((shown) => shown.person === person);
      return old ? changed(old, one) : one;
    });
    return now.length === before.length && now.every((one, at) => one === before[at]) ? before : now;
  }

  private learn(person: string, learnt: (known: Known) => Partial<Known>): void {
    const known = this.known.get(person) ?? stranger;
    this.known.set(person, { ...known, ...learnt(known) });
    this.tell();
  }
}
