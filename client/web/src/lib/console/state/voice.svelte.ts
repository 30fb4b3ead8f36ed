import type { EntryView } from "../../../../../sdk/types.ts";

/** Arrivals within this time are told together. */
const gatherMs = 3_000;

/** What a screen reader is told: `calm` waits for its turn, `now` interrupts. */
export class Voice {
  #calm = $state("");
  #now = $state("");
  #odd = false;

  get calm(): string {
    return this.#calm;
  }

  get now(): string {
    return this.#now;
  }

  say(text: string): void {
    this.#calm = this.#again(text);
  }

  interrupt(text: string): void {
    this.#now = this.#again(text);
  }

  /** The same words twice are two announcements: a blank at the end tells them apart. */
  #again(text: string): string {
    this.#odd = !this.#odd;
    return this.#odd ? `${text}\u00a0` : text;
  }
}

/** Gathers those who join, so that a full hour is not a chatter. */
export class Arrivals {
  #known: ReadonlySet<string> | null = null;
  #fresh: EntryView[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #tell: (arrived: readonly EntryView[]) => void;

  constructor(tell: (arrived: readonly EntryView[]) => void) {
    this.#tell = tell;
  }

  /** Whoever is there at first is no news. */
  see(entries: readonly EntryView[]): void {
    const known = this.#known;
    this.#known = new Set(entries.map(({ id }) => id));
    if (!known) return;
    this.#fresh.push(...entries.filter(({ id }) => !known.has(id)));
    if (this.#fresh.length > 0) this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    const staying = this.#fresh.filter(({ id }) => this.#known?.has(id));
    this.#fresh = [];
    this.#timer = undefined;
    if (staying.length > 0) this.#tell(staying);
  }
}
