import type { MessageView } from "../../../../../core/domain/conversation/view.ts";
import type { ChatSummary } from "../../../../../core/protocol/rest.ts";
import type { Session } from "../../../../sdk/types.ts";
import { LiveChat } from "./live-chat.svelte.ts";
import type { UnsentMarks } from "./unsent-marks.ts";

const refreshEveryMs = 8000;

/** A row of the list. */
export type ListedChat = Omit<ChatSummary, "last"> & {
  readonly last: Pick<MessageView, "seq" | "from" | "at" | "body"> | null;
};

/** The chats of a signed-in person: the list, and the ones that are open here. */
export class Inbox {
  readonly session: Session;
  readonly #open = new Map<string, LiveChat>();
  /** The ones on the screen. Not a rune: a component that is taken down would read the value of before. */
  readonly #onScreen = new Set<LiveChat>();
  readonly #marks: UnsentMarks;
  /** What was written and not sent yet, by chat. */
  readonly drafts = new Map<string, string>();
  #listed = $state.raw<readonly ListedChat[]>([]);
  #current = $state.raw<LiveChat | null>(null);
  #state = $state<"loading" | "ready" | "failed">("loading");
  /** Newest first; what is open here is as live as it is there. */
  readonly chats: readonly ListedChat[] = $derived(
    this.#listed.map((chat) => withLive(chat, this.#current)).toSorted((a, b) => recency(b) - recency(a)),
  );
  readonly unread = $derived(this.chats.reduce((sum, chat) => sum + chat.unread, 0));

  constructor(session: Session, marks: UnsentMarks) {
    this.session = session;
    this.#marks = marks;
  }

  /** Of the last load: the list of before stays when a later one fails. */
  get state(): "loading" | "ready" | "failed" {
    return this.#state;
  }

  async refresh(): Promise<void> {
    try {
      this.#listed = await this.session.chats();
      this.#state = "ready";
    } catch {
      this.#state = "failed";
    }
  }

  /**
   * Keeps the list fresh while the page is looked at, and sends what an earlier page left unsent. Runs until
   * the returned function is called.
   */
  start(): () => void {
    const refresh = () => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    refresh();
    for (const id of this.#marks.list()) if (!this.#open.has(id)) this.release(this.#join(id));
    const timer = setInterval(refresh, refreshEveryMs);
    document.addEventListener("visibilitychange", refresh);
    window.addEventListener("online", refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refresh);
      window.removeEventListener("online", refresh);
    };
  }

  /** Messages of mine, in all chats that are open, that still have to go out. */
  unsent(): number {
    return [...this.#open.values()].reduce((sum, live) => sum + live.unsent, 0);
  }

  titleOf(id: string): string {
    return this.#listed.find((chat) => chat.id === id)?.title ?? "";
  }

  open(id: string): LiveChat {
    const live = this.#open.get(id) ?? this.#join(id);
    this.#onScreen.add(live);
    this.#current = live;
    return live;
  }

  /** Leaves the chat, as soon as the server knows what was written and read in it. */
  release(live: LiveChat): void {
    this.#onScreen.delete(live);
    this.#current = [...this.#onScreen].at(-1) ?? null;
    this.#listed = this.#listed.map((chat) => withLive(chat, live));
    this.#leaveIfSettled(live);
  }

  #join(id: string): LiveChat {
    const live = new LiveChat(this.session.joinChat(id), (changed) => {
      if (changed.unsent > 0) this.#marks.set(id, true);
      if (changed.snapshot.status === "closed") void this.refresh();
      this.#leaveIfSettled(changed);
    });
    this.#open.set(id, live);
    return live;
  }

  #leaveIfSettled(live: LiveChat): void {
    if (!live.settled) return;
    if (live.unsent === 0) this.#marks.set(live.chat.id, false);
    if (this.#onScreen.has(live) || !this.#open.delete(live.chat.id)) return;
    void live.close();
    void this.refresh();
  }
}

function withLive(chat: ListedChat, live: LiveChat | null): ListedChat {
  if (!live || live.chat.id !== chat.id) return chat;
  const { messages, cursors, me, title } = live.snapshot;
  const last = messages.at(-1);
  if (!last || last.seq < (chat.last?.seq ?? 0)) return chat;
  const read = cursors[me] ?? 0;
  const unread = messages.filter(({ seq, from, body }) => seq > read && from !== me && body !== null).length;
  return { ...chat, title: title || chat.title, last, unread: Math.min(unread, 99) };
}

/** A chat without messages is new, and stands first. */
function recency(chat: ListedChat): number {
  return chat.last?.at ?? Number.MAX_SAFE_INTEGER;
}
