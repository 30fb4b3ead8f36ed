import type { Visit, VisitSnapshot } from "../../../../sdk/types.ts";
import { callMark, LiveCall } from "../call/live-call.svelte.ts";
import { RecordingAsks } from "../recording/asks.svelte.ts";
import { LiveChat } from "../state/live-chat.svelte.ts";

/** A visit as the page sees it: its snapshot is reactive. */
export class LiveVisit {
  readonly visit: Visit;
  /** The conversation of the visit. */
  readonly live: LiveChat;
  readonly call: LiveCall;
  readonly asks: RecordingAsks;
  readonly #unsubscribe: () => void;
  #snapshot: VisitSnapshot;

  constructor(visit: Visit, changed: (live: LiveVisit) => void) {
    this.visit = visit;
    this.#snapshot = $state.raw(visit.snapshot);
    this.live = new LiveChat(visit.chat, () => changed(this));
    this.call = new LiveCall(visit, callMark(visit.id));
    this.asks = new RecordingAsks(visit);
    this.#unsubscribe = visit.on("change", (snapshot) => {
      this.#snapshot = snapshot;
      changed(this);
    });
  }

  get snapshot(): VisitSnapshot {
    return this.#snapshot;
  }

  /** Nothing written in the conversation is still underway, or it cannot go out any more. */
  get settled(): boolean {
    return this.live.unsent === 0 || this.visit.snapshot.status === "closed";
  }

  async close(): Promise<void> {
    await this.call.leave();
    this.#unsubscribe();
    this.asks.close();
    await this.visit.leave().catch(() => undefined);
  }
}
