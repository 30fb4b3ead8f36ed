import type { LinkHost } from "./call-link.ts";

/** What the meeting shows of somebody. */
interface Seen {
  readonly present: boolean;
  readonly muted: boolean;
  readonly video: MediaStreamTrack | null;
  readonly screen: MediaStreamTrack | null;
  /** From 0 to 1. */
  readonly signal: number;
}

const unseen: Seen = { present: false, muted: true, video: null, screen: null, signal: 1 };

/** Brings together who is in the call, by the room, with what the meeting shows, under names of its own. */
export class ChimeRoster {
  private readonly host: LinkHost;
  private readonly nameOf: (person: string) => Promise<string>;
  private readonly seen = new Map<string, Seen>();
  private readonly names = new Map<string, string>();
  private present: readonly string[] = [];
  private sound: MediaStreamTrack | null = null;
  private bearer: string | null = null;
  private connected = false;

  constructor(host: LinkHost, nameOf: (person: string) => Promise<string>) {
    this.host = host;
    this.nameOf = nameOf;
  }

  people(present: readonly string[]): void {
    this.present = present;
    for (const person of this.names.keys()) if (!present.includes(person)) this.names.delete(person);
    for (const person of present) if (!this.names.has(person)) void this.learn(person);
    this.bear();
  }

  /** News of somebody. */
  see(name: string, news: Partial<Seen>): void {
    this.seen.set(name, { ...(this.seen.get(name) ?? unseen), ...news });
    for (const [person, known] of this.names) if (known === name) this.show(person);
  }

  /** All that is heard in the meeting; it comes as one. */
  hear(sound: MediaStreamTrack | null): void {
    if (sound === this.sound) return;
    if (this.bearer) this.host.track(this.bearer, "audio", null);
    this.sound = sound;
    this.bearer = null;
    this.bear();
  }

  /** Whether the meeting itself is reached. */
  reached(connected: boolean): void {
    this.connected = connected;
    for (const person of this.names.keys()) this.show(person);
  }

  /** The meeting is over, and what it showed. */
  forget(): void {
    this.hear(null);
    this.seen.clear();
    this.reached(false);
  }

  /** Who of those in the call the meeting knows by this name. */
  personOf(name: string): string | undefined {
    return this.present.find((person) => this.names.get(person) === name);
  }

  /** How well each of the others is reached by the meeting: from 0 to 1, 0 where they are not in it. */
  signals(): ReadonlyMap<string, number> {
    const all = this.present.map((person) => {
      const { present, signal } = this.of(person);
      return [person, present && this.connected ? signal : 0] as const;
    });
    return new Map(all);
  }

  private async learn(person: string): Promise<void> {
    const name = await this.nameOf(person);
    if (!this.present.includes(person)) return;
    this.names.set(person, name);
    this.show(person);
  }

  private of(person: string): Seen {
    return this.seen.get(this.names.get(person) ?? "") ?? unseen;
  }

  private show(person: string): void {
    const { present, muted, video, screen } = this.of(person);
    const { host } = this;
    host.track(person, "video", video);
    host.track(person, "screen", screen);
    host.sending(person, { audio: present && !muted, video: video !== null, screen: screen !== null });
    host.state(person, present && this.connected ? "connected" : "reconnecting");
  }

  /** One of those in the call bears the sound of all, so that it is played as any other. */
  private bear(): void {
    if (this.bearer !== null && this.present.includes(this.bearer)) return;
    this.bearer = this.present[0] ?? null;
    if (this.bearer && this.sound) this.host.track(this.bearer, "audio", this.sound);
  }
}
