import type { Chat, ChatSnapshot } from "../../../../sdk/types.ts";

/** A joined chat as the page sees it: its snapshot is reactive. */
export class LiveChat {
  readonly chat: Chat;
  readonly #names = new Map<string, string>();
  readonly #unsubscribe: () => void;
  #snapshot: ChatSnapshot;
  #read = 0;

  constructor(chat: Chat, changed: (live: LiveChat) => void) {
    this.chat = chat;
    this.#snapshot = $state.raw(chat.snapshot);
    this.#learnNames();
    this.#unsubscribe = chat.on("change", (snapshot) => {
      this.#snapshot = snapshot;
      this.#learnNames();
      changed(this);
    });
  }

  get snapshot(): ChatSnapshot {
    return this.#snapshot;
  }

  /** Messages of mine that still have to go out. */
  get unsent(): number {
    return this.chat.snapshot.outbox.filter(({ status }) => status === "sending").length;
  }

  /** Nothing of mine is underway, be it of this page or left by an earlier one. */
  get settled(): boolean {
    const { status, cursors, me } = this.chat.snapshot;
    if (status === "closed") return true;
    return status === "live" && this.unsent === 0 && (cursors[me] ?? 0) >= this.#read;
  }

  markRead(seq: number): void {
    this.#read = Math.max(this.#read, seq);
    this.chat.markRead(seq);
  }

  /** Also of people who have left since the chat was opened; null: never seen here. */
  nameOf(person: string): string | null {
    const member = this.#snapshot.members.find((one) => one.person === person);
    return member?.name ?? this.#names.get(person) ?? null;
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    await this.chat.leave().catch(() => undefined);
  }

  #learnNames(): void {
    for (const { person, name } of this.#snapshot.members) this.#names.set(person, name);
  }
}
