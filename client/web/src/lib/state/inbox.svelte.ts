import type { MessageView } from "../../../../../core/domain/conversation/view.ts";
import type { ChatSummary } from "../../../../../core/protocol/rest.ts";
import type { Session } from "../../../../sdk/types.ts";
import { LiveChat } from "./live-chat.svelte.ts";

const refreshEveryMs = 8000;

/** A row of the list. */
export type ListedChat = Omit<ChatSummary, "last"> & {
  readonly last: Pick<MessageView, "seq" | "from" | "at" | "body"> | null;
};

/** The chats of a signed-in person: the list, and the ones that are open here. */
export class Inbox {
  readonly session: Session;
  readonly #open = new Map<string, LiveChat>();
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

  constructor(session: Session) {
    this.session = session;
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

  /** Keeps the list fresh while the page is looked at, until the returned function is called. */
  start(): () => void {
    const refresh = () => {
      if (document.visibilityState === "visible") void this.refresh();
    };
    refresh();
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
    return this.#open.values().reduce((sum, live) => sum + live.unsent, 0);
  }

  open(id: string): LiveChat {
    const live = this.#open.get(id) ?? new LiveChat(this.session.joinChat(id));
    this.#open.set(id, live);
    this.#current = live;
    return live;
  }

  /** Leaves the chat, as soon as everything written in it has gone out. */
  release(live: LiveChat): void {
    this.#listed = this.#listed.map((chat) => withLive(chat, live));
    if (this.#current === live) this.#current = null;
    if (live.unsent === 0) {
      this.#leave(live);
      return;
    }
    const stop = live.chat.on("change", () => {
      if (live.unsent > 0) return;
      stop();
      if (this.#current !== live) this.#leave(live);
    });
  }

  #leave(live: LiveChat): void {
    if (this.#open.get(live.chat.id) === live) this.#open.delete(live.chat.id);
    void live.close();
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
