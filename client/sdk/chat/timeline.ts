/** What puts an event in its place: its own seq, and that of the event delivered before it. */
export interface Placed {
  readonly seq: number;
  readonly prev: number;
}

/** More than this is not kept waiting for a gap to be mended: mending brings it all anyway. */
const heldLimit = 1_000;

/**
 * Puts events in order, each once, however they come: live, repeated, resumed, or with some missing. Until
 * `begin` says from where to count, everything is held.
 */
export class Timeline<E extends Placed> {
  private position: number | null = null;
  private held = new Map<number, E>();

  /** Seq of the last event given out; 0 before the first. */
  get lastSeq(): number {
    return this.position ?? 0;
  }

  get begun(): boolean {
    return this.position !== null;
  }

  /** Something is held that cannot be given out, because what comes before it is missing. */
  get gap(): boolean {
    return this.begun && this.held.size > 0;
  }

  /** Counts from `lastSeq` on; gives out what is next of the held. */
  begin(lastSeq: number): readonly E[] {
    this.position = lastSeq;
    return this.accept([]);
  }

  /** Forgets what is held: it will be resumed. */
  letGo(): void {
    this.held = new Map();
  }

  /** Forgets everything, as before `begin`. */
  reset(): void {
    this.position = null;
    this.letGo();
  }

  /** Takes events as they come and gives out what is now in order. */
  accept(events: readonly E[]): readonly E[] {
    for (const event of events) if (event.seq > this.lastSeq) this.held.set(event.seq, event);
    const position = this.position;
    if (position === null || this.held.size === 0) return [];
    const waiting = [...this.held.values()].sort((a, b) => a.seq - b.seq);
    const ready = inOrder(position, waiting);
    this.position = ready.at(-1)?.seq ?? position;
    const rest = waiting.filter((event) => event.seq > this.lastSeq).slice(0, heldLimit);
    this.held = new Map(rest.map((event) => [event.seq, event]));
    return ready;
  }
}

/**
 * The events that follow on `position` without a gap. Nothing was delivered between an event and its `prev`,
 * so an event whose `prev` is not beyond the position follows on it.
 */
function inOrder<E extends Placed>(position: number, sorted: readonly E[]): readonly E[] {
  const ready: E[] = [];
  let last = position;
  for (const event of sorted) {
    if (event.seq <= last) continue;
    if (event.prev > last) break;
    ready.push(event);
    last = event.seq;
  }
  return ready;
}
