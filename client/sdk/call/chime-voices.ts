import type { Clock } from "../lib/clock.ts";

/** From 0 to 1: what is softer is a room, and not a voice. */
const loud = 0.2;
/** Between two words one still speaks (ms). */
const holdMs = 700;

/** Who speaks in a meeting, out of how loud each of them is. `name`: as the meeting knows them. */
export class ChimeVoices {
  private readonly clock: Clock;
  private readonly tell: (names: readonly string[]) => void;
  /** Those who speak, with what calls off that they have ended. */
  private readonly speaking = new Map<string, (() => void) | null>();

  constructor(clock: Clock, tell: (names: readonly string[]) => void) {
    this.clock = clock;
    this.tell = tell;
  }

  hear(name: string, volume: number): void {
    const ending = this.speaking.get(name);
    if (volume >= loud) {
      ending?.();
      this.speaking.set(name, null);
      if (ending === undefined) this.say();
    } else if (ending === null) {
      this.speaking.set(
        name,
        this.clock.after(holdMs, () => this.silence(name)),
      );
    }
  }

  forget(): void {
    for (const ending of this.speaking.values()) ending?.();
    if (this.speaking.size === 0) return;
    this.speaking.clear();
    this.say();
  }

  private silence(name: string): void {
    this.speaking.delete(name);
    this.say();
  }

  private say(): void {
    this.tell([...this.speaking.keys()]);
  }
}
