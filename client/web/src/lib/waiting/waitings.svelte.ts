import type { Session } from "../../../../sdk/types.ts";
import type { Marks } from "../state/marks.ts";
import { LiveWaiting } from "./live-waiting.svelte.ts";
import type { Stage } from "./stage.ts";

/** What asks most for the patient's attention comes first; what has ended comes after every place. */
const urgency: readonly Stage[] = ["called", "admitted", "confirmed", "leaving"];

/**
 * The waiting rooms that are open in this page. Where the patient has a place the connection stays while they
 * look at something else, and is taken up again when the page is opened anew: a call reaches them anywhere.
 */
export class Waitings {
  readonly #session: Session;
  readonly #marks: Marks;
  /** How often each is on the screen. */
  readonly #onScreen = new Map<LiveWaiting, number>();
  /** Under which id each is remembered: a transfer changes it. */
  readonly #marked = new Map<LiveWaiting, string>();
  #open = $state.raw<readonly LiveWaiting[]>([]);
  /** Where the patient has a place or has just lost one, the most urgent one; null: nowhere. */
  readonly current: LiveWaiting | null = $derived(
    this.#open
      .filter(({ matters }) => matters)
      .toSorted((a, b) => rankOf(a.stage) - rankOf(b.stage))
      .at(0) ?? null,
  );

  constructor(session: Session, marks: Marks) {
    this.#session = session;
    this.#marks = marks;
  }

  /** Takes up the places that an earlier page left. */
  start(): void {
    for (const id of this.#marks.list()) if (!this.#find(id)) this.#join(id);
  }

  open(id: string): LiveWaiting {
    const live = this.#find(id) ?? this.#join(id);
    this.#onScreen.set(live, (this.#onScreen.get(live) ?? 0) + 1);
    return live;
  }

  /** Leaves the room, unless the patient has a place in it. How one ended has been read on its page. */
  release(live: LiveWaiting): void {
    this.#onScreen.set(live, (this.#onScreen.get(live) ?? 1) - 1);
    live.see();
    this.#settle(live);
  }

  holdsPlaceIn(queue: string): boolean {
    return this.#open.some(({ holdsPlace, snapshot }) => holdsPlace && snapshot.queue?.id === queue);
  }

  #find(id: string): LiveWaiting | undefined {
    return this.#open.find(({ waiting }) => waiting.id === id);
  }

  #join(id: string): LiveWaiting {
    const live = new LiveWaiting(this.#session.joinQueue(id), (changed) => this.#settle(changed));
    this.#open = [...this.#open, live];
    return live;
  }

  #settle(live: LiveWaiting): void {
    const { place, status } = live.waiting.snapshot;
    if (status !== "closed" && place === null) return;
    this.#mark(live);
    if (live.matters || (this.#onScreen.get(live) ?? 0) > 0) return;
    if (!this.#open.includes(live)) return;
    this.#open = this.#open.filter((one) => one !== live);
    this.#onScreen.delete(live);
    void live.close();
  }

  #mark(live: LiveWaiting): void {
    const { id } = live.waiting;
    const before = this.#marked.get(live) ?? id;
    if (before !== id) this.#marks.set(before, false);
    this.#marked.set(live, id);
    this.#marks.set(id, live.holdsPlace);
  }
}

function rankOf(stage: Stage): number {
  if (stage === "ended") return urgency.length + 1;
  const at = urgency.indexOf(stage);
  return at < 0 ? urgency.length : at;
}
