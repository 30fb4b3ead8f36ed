import type { Waiting, WaitingSnapshot } from "../../../../sdk/types.ts";
import { skewOf } from "./answer-time.ts";
import { holdsPlace, nothingRead, type Read, type Stage, stageOf } from "./stage.ts";

/** A call that comes so soon (ms) after the connection stands was made before. */
const settledAfterMs = 3_000;

/** A waiting room as the page sees it: its snapshot is reactive. */
export class LiveWaiting {
  readonly waiting: Waiting;
  readonly #unsubscribe: () => void;
  #snapshot: WaitingSnapshot;
  #read = $state.raw<Read>(nothingRead);
  #hadPlace = false;
  #missedAt = $state<number | null>(null);
  #cameFrom = $state<string | null>(null);
  #liveSince: number | null = null;
  #skew = 0;

  constructor(waiting: Waiting, changed: (live: LiveWaiting) => void) {
    this.waiting = waiting;
    this.#snapshot = $state.raw(waiting.snapshot);
    this.#note(waiting.snapshot);
    this.#unsubscribe = waiting.on("change", (snapshot) => {
      this.#note(snapshot);
      this.#snapshot = snapshot;
      changed(this);
    });
  }

  get snapshot(): WaitingSnapshot {
    return this.#snapshot;
  }

  get stage(): Stage {
    return stageOf(this.#snapshot, this.#read);
  }

  get holdsPlace(): boolean {
    return holdsPlace(this.#snapshot, this.#read);
  }

  /** There is a place, or one has ended in the meantime and the patient has not read about it. */
  get matters(): boolean {
    return this.holdsPlace || (this.#hadPlace && this.stage === "ended");
  }

  /** When the last call was made that went by unanswered, as far as this page saw it (ms). */
  get missedAt(): number | null {
    return this.#missedAt;
  }

  /** The title of the waiting room that the place was moved from, as far as this page saw it. */
  get cameFrom(): string | null {
    return this.#cameFrom;
  }

  /** By how much this device's clock is ahead of the server's (ms). */
  get skew(): number {
    return this.#skew;
  }

  /** The patient has read how the place ended. */
  see(): void {
    this.#read = { ...this.#read, ended: this.waiting.snapshot.place?.ended?.at ?? null };
  }

  /** The patient has been led to the visit that is open for them. */
  enter(visit: string): void {
    this.#read = { ...this.#read, visit };
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.waiting.disconnect().catch(() => undefined);
  }

  #note(next: WaitingSnapshot): void {
    const { called, queue } = this.#snapshot;
    this.#hadPlace ||= holdsPlace(next, this.#read);
    if (queue && next.queue && queue.id !== next.queue.id) this.#cameFrom = queue.title;
    if (next.called && next.called.at !== called?.at) {
      const settled = this.#liveSince !== null && performance.now() - this.#liveSince > settledAfterMs;
      this.#skew = skewOf(next.called, Date.now(), settled);
    }
    const status = next.place?.status;
    if (called && !next.called && status === "waiting") this.#missedAt = called.at;
    else if (status !== "waiting" && status !== "away") this.#missedAt = null;
    if (next.status !== "live") this.#liveSince = null;
    else this.#liveSince ??= performance.now();
  }
}
